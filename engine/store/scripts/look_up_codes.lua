-- Which pool has each of some codes, and whether it was used; refuses who has tried too many that none has.
--
-- KEYS[1] the pools (hash), then the counters of unknown codes: of the client, and of the customer if there is one.
-- ARGV[1] what the keys of buckets begin with, [2] what those of used codes begin with, [3] in how many parts these are,
-- [4] milliseconds that unknown codes are remembered, [5] how many the client may try in that time, [6] how many the
-- customer, [7] how many pools; their names; then of each code its digest and the digest's last 24 bits.
-- For each code its pool, '' for none, '?' where too many were unknown before it, and how often it was used; or
-- {'missing', pool} where a code was not found and a pool is not there that might have had it.

local count = tonumber(ARGV[7])
local room = math.huge
for place = 2, #KEYS do
  room = math.min(room, ARGV[place + 3] - (redis.call('GET', KEYS[place]) or 0))
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
  for place = 2, #KEYS do
    if redis.call('INCRBY', KEYS[place], unknown) == unknown then
      redis.call('PEXPIRE', KEYS[place], ARGV[4])
    end
  end
end
return found
