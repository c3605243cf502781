-- The answer to followers: the time, the generation and, if it differs from the one they know, all pointers.
--
-- KEYS: generation, pointers
-- ARGV: the generation known
-- Writes nothing, so it works while Redis has no memory left.

local time = redis.call('TIME')
local now = time[1] .. string.format('%06d', time[2])
local generation = redis.call('GET', KEYS[1]) or ''
if generation == ARGV[1] then
  return {now, generation}
end
return {now, generation, redis.call('HGETALL', KEYS[2])}
