--! pointers
-- Makes a scheduled entry the active one, because its moment has come: from then on no clock can take that back.
--
-- KEYS: pointers, generation
-- ARGV: name, the beginning of the entry "MICROSECONDS REVISION VERSION ", channel
-- Does nothing if another entry is scheduled, or none.

local scheduled = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '\n(.+)')
if scheduled and string.find(scheduled, ARGV[2], 1, true) == 1 then
  point(KEYS[1], ARGV[1], scheduled, false, KEYS[2], ARGV[3])
end
return 1
