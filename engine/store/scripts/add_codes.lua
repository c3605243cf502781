-- Puts codes into a pool. Returns how many were new, or -1 if the pool no longer exists.
--
-- KEYS[1] the pools (hash), [2] never exists (engine/store/keys.py); ARGV[1] the pool, [2] the prefix of the keys of
-- buckets; then for each code its digest and the digest's last 24 bits.

local pool = ARGV[1]
local depth = redis.call('HGET', KEYS[1], pool .. ':depth')
if not depth then
  return -1
end
local size = 2 ^ depth
local buckets = {}
for place = 3, #ARGV, 2 do
  local number = ARGV[place + 1] % size
  buckets[number] = buckets[number] or {}
  table.insert(buckets[number], ARGV[place])
end
local new = 0
for number, digests in pairs(buckets) do
  new = new + redis.call('SADD', ARGV[2] .. pool .. ':' .. string.format('%x', number), unpack(digests))
end
return new
