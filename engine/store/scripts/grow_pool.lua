-- Creates a pool, or gives it more buckets unless it is already growing; and stores a pattern of its codes.
--
-- KEYS[1] the pools (hash); ARGV[1] the pool, [2] the depth wanted: it has 2^depth buckets, [3] the codes' pattern, `*`
-- for any, empty for those that the pool has (any if it is new), [4] the fingerprint of the key that digests are made
-- under. Returns its depth; the depth it grows from, whose buckets have codes yet to be moved (false: none); the
-- fingerprint of the pools: nothing is done under another; and its patterns.

local pools, pool, wanted, pattern = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3]
redis.call('HSETNX', pools, ':key', ARGV[4])
local key = redis.call('HGET', pools, ':key')
if key ~= ARGV[4] then
  return {0, false, key, ''}
end
local depth, from, patterns = unpack(redis.call('HMGET', pools, pool .. ':depth', pool .. ':from', pool .. ':patterns'))
if not patterns then
  patterns = pattern == '' and '*' or pattern
elseif pattern ~= '' and not string.find(' ' .. patterns .. ' ', ' ' .. pattern .. ' ', 1, true) then
  patterns = patterns .. ' ' .. pattern
end
redis.call('HSET', pools, pool .. ':patterns', patterns)
if not depth then
  redis.call('HSET', pools, pool .. ':depth', wanted)
  return {wanted, false, key, patterns}
end
if not from and wanted > tonumber(depth) then
  redis.call('HSET', pools, pool .. ':depth', wanted, pool .. ':from', depth)
  return {wanted, tonumber(depth), key, patterns}
end
return {tonumber(depth), from and tonumber(from), key, patterns}
