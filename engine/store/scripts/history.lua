-- KEYS: revisions, activations
-- Returns both in full, and the time in microseconds, all at one moment.
local time = redis.call('TIME')
return {
  redis.call('LRANGE', KEYS[1], 0, -1),
  redis.call('LRANGE', KEYS[2], 0, -1),
  time[1] .. string.format('%06d', time[2]),
}
