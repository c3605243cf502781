-- Stores a rule set as the next revision, unless the last one has the same content.
--
-- KEYS: artifact, source, revisions, names
-- ARGV: name, artifact, source, version, digest of the source, details
-- Returns the number of the revision, its record, and whether it is new. A record is "MICROSECONDS VERSION DIGEST DETAILS".

-- Entries named by their content are written again, which repairs damaged ones.
redis.call('SET', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], ARGV[3])

local count = redis.call('LLEN', KEYS[3])
local content = ' ' .. ARGV[4] .. ' ' .. ARGV[5] .. ' '
local last = redis.call('LINDEX', KEYS[3], -1)
if last and string.find(last, content, 1, true) == string.find(last, ' ', 1, true) then
  return {count, last, 0}
end

local time = redis.call('TIME')
local record = time[1] .. string.format('%06d', time[2]) .. content .. ARGV[6]
redis.call('RPUSH', KEYS[3], record)
redis.call('SADD', KEYS[4], ARGV[1])
return {count + 1, record, 1}
