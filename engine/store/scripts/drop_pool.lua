-- Drops a pool with all its codes, in one step; or only counts them.
--
-- KEYS[1] the pools (hash), [2] never exists (engine/store/keys.py); ARGV[1] the pool, [2] the prefix of the keys of
-- buckets, [3] that of used codes, [4] the number of parts of these, [5] 'count'; 'drop', which remembers the codes that
-- were used; or 'forget', which does not, and with the last pool forgets the key that digests are made under.
-- Returns whether the pool exists, its codes, and how many codes, including those dropped earlier, were used.

local pools, pool, act = KEYS[1], ARGV[1], ARGV[5]
local depth = redis.call('HGET', pools, pool .. ':depth')

local function total(size, prefix, count, goes)
  local sum = 0
  for number = 0, count - 1 do
    local key = prefix .. string.format('%x', number)
    sum = sum + redis.call(size, key)
    if goes then
      redis.call('UNLINK', key)
    end
  end
  return sum
end

local codes = depth and total('SCARD', ARGV[2] .. pool .. ':', 2 ^ depth, act ~= 'count') or 0
local used = total('HLEN', ARGV[3] .. pool .. '/', ARGV[4], act == 'forget')
if act ~= 'count' then
  redis.call('HDEL', pools, pool .. ':depth', pool .. ':from', pool .. ':patterns')
end
if act == 'forget' and redis.call('HLEN', pools) == 1 then
  redis.call('HDEL', pools, ':key')
end
return {depth and 1 or 0, codes, used}
