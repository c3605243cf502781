-- Moves the codes of some buckets of a pool that grows to where they belong now; with ARGV[4] = 0 says that all are moved.
--
-- KEYS[1] the pools (hash); ARGV[1] the pool, [2] what the keys of buckets begin with, [3] the first bucket, [4] how many,
-- [5] the depth it grows from, [6] its depth. Nothing is done where it grows no more, or anew.

local pools, pool, prefix = KEYS[1], ARGV[1], ARGV[2] .. ARGV[1] .. ':'
local depth, from = unpack(redis.call('HMGET', pools, pool .. ':depth', pool .. ':from'))
if from ~= ARGV[5] or depth ~= ARGV[6] then
  return 0
end
if ARGV[4] == '0' then
  return redis.call('HDEL', pools, pool .. ':from')
end
local size = 2 ^ depth

-- Of a signed number of up to 64 bits, which Lua itself could not hold.
local function remainder(digest)
  local rest = 0
  for place = 1, #digest do
    local digit = string.byte(digest, place) - 48
    if digit >= 0 then
      rest = (rest * 10 + digit) % size
    end
  end
  return string.byte(digest) == 45 and (size - rest) % size or rest
end

local moved = 0
for number = ARGV[3], ARGV[3] + ARGV[4] - 1 do
  local bucket, leaving = prefix .. string.format('%x', number), {}
  for _, digest in ipairs(redis.call('SMEMBERS', bucket)) do
    local belongs = remainder(digest)
    if belongs ~= number then
      redis.call('SADD', prefix .. string.format('%x', belongs), digest)
      table.insert(leaving, digest)
    end
  end
  if #leaving > 0 then
    redis.call('SREM', bucket, unpack(leaving))
    moved = moved + #leaving
  end
end
return moved
