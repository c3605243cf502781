-- Creates a consumer group that begins with the first entry, unless it exists. KEYS[1] the stream, ARGV[1] the group.

local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then
  return made
end
return 1
