--! pointers
-- KEYS: revisions, activations, pointers; ARGV: name
-- Returns the first two in full, and the time in microseconds, all at one moment.

return {
  redis.call('LRANGE', KEYS[1], 0, -1),
  redis.call('LRANGE', KEYS[2], 0, -1),
  string.format('%.0f', now_of(KEYS[3], ARGV[1])),
}
