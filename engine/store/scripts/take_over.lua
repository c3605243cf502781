-- Gives a consumer what others took and left alone; a script, since the library cannot read what XAUTOCLAIM replies.
--
-- KEYS[1] the stream, ARGV[1] the group, [2] the consumer, [3] milliseconds left alone, [4] where to begin, [5] how
-- many entries to look at. Where to go on; '0-0' when through.

return redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], 'COUNT', ARGV[5], 'JUSTID')[1]
