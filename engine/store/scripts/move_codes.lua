-- Moves the codes of some buckets of a growing pool to their new buckets; with ARGV[4] = 0 marks all as moved.
--
-- KEYS[1] the pools (hash), [2] never exists (engine/store/keys.py); ARGV[1] the pool, [2] the prefix of the keys of
-- buckets, [3] the first bucket, [4] how many, [5] the depth it grows from, [6] its depth. Nothing is done if that growth
-- has ended.

local pools, pool, prefix = KEYS[1], ARGV[1], ARGV[2] .. ARGV[1] .. ':'
local depth, from = unpack(redis.call('HMGET', pools, pool .. ':depth', pool .. ':from'))
if from ~= ARGV[5] or depth ~= ARGV[6] then
  return 0
end
if ARGV[4] == '0' then
  return redis.call('HDEL', pools, pool .. ':from')
end
local size = 2 ^ depth

-- Of a signed number of up to 64 bits, which a number in Lua cannot hold exactly.
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
