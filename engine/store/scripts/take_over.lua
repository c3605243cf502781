-- Gives a consumer the entries that others took and left alone. A script, because the library cannot read the reply of
-- XAUTOCLAIM.
--
-- KEYS[1] the stream, ARGV[1] the group, [2] the consumer, [3] milliseconds left alone, [4] where to begin, [5] how
-- many entries to examine. Returns where to continue, '0-0' at the end.

return redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], 'COUNT', ARGV[5], 'JUSTID')[1]
