-- Looks up the pool of each code, and whether it was used; refuses those who tried too many unknown codes.
--
-- KEYS[1] the pools (hash), [2] never exists (engine/store/keys.py), then the counters of unknown codes: of the client,
-- and of the customer if there is one.
-- ARGV[1] the prefix of the keys of buckets, [2] that of used codes, [3] the number of parts of these, [4] milliseconds
-- that unknown codes are remembered, [5] how many of them the client may try in that time, [6] how many the customer,
-- [7] the number of pools; their names; then for each code its digest and the digest's last 24 bits.
-- Returns for each code its pool ('' for none, '?' if too many before it were unknown) and how often it was used; or
-- {'missing', pool} if a code was not found and a pool that might have had it does not exist.

local count = tonumber(ARGV[7])
local room = math.huge
for place = 3, #KEYS do
  room = math.min(room, ARGV[place + 2] - (redis.call('GET', KEYS[place]) or 0))
end

local function has(pool, depth, digest, low)
  return depth and redis.call('SISMEMBER', ARGV[1] .. pool .. ':' .. string.format('%x', low % 2 ^ depth), digest) == 1
end

local pools = {}
for place = 8, 7 + count do
  local pool = ARGV[place]
  pools[place - 7] = {pool, unpack(redis.call('HMGET', KEYS[1], pool .. ':depth', pool .. ':from'))}
end
local missing
for _, each in ipairs(pools) do
  missing = missing or not each[2] and each[1]
end
local found, unknown = {}, 0
for place = 8 + count, #ARGV, 2 do
  local digest, low = ARGV[place], tonumber(ARGV[place + 1])
  local owner, uses = unknown < room and '' or '?', '0'
  for _, each in ipairs(pools) do
    local pool, depth, from = unpack(each)
    if owner == '' and (has(pool, depth, digest, low) or has(pool, from, digest, low)) then
      owner = pool
      uses = redis.call('HGET', ARGV[2] .. pool .. '/' .. string.format('%x', low % ARGV[3]), digest) or '0'
      break
    end
  end
  unknown = unknown + (owner == '' and 1 or 0)
  table.insert(found, owner)
  table.insert(found, uses)
end
if unknown > 0 and missing then
  return {'missing', missing}
end
if unknown > 0 then
  for place = 3, #KEYS do
    if redis.call('INCRBY', KEYS[place], unknown) == unknown then
      redis.call('PEXPIRE', KEYS[place], ARGV[4])
    end
  end
end
return found
