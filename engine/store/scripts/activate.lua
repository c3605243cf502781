-- Activates a revision, now or from a moment on. A scheduled activation is withdrawn.
--
-- KEYS: revisions, activations, pointers, generation
-- ARGV: name, revision, moment in microseconds (0: now), the revision that must be active so far (empty: any), verb, details, channel
-- Returns the outcome, then the entries that are active, scheduled and withdrawn, or the number of revisions.
-- An entry is "MICROSECONDS REVISION VERSION VERB DETAILS"; only the last one of the list may be in the future.

local record = redis.call('LINDEX', KEYS[1], ARGV[2] - 1)
if not record or tonumber(ARGV[2]) < 1 then
  return {'unknown', redis.call('LLEN', KEYS[1])}
end
local version = string.match(record, '^%d+ (%x+) ')

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function moment(entry)
  return tonumber(string.match(entry, '^%d+'))
end

local function is_of(entry, revision)
  return entry and string.match(entry, '^%d+ (%d+) ') == revision
end

local active = redis.call('LINDEX', KEYS[2], -1)
local scheduled = false
if active and moment(active) > now then
  scheduled = active
  active = redis.call('LINDEX', KEYS[2], -2)
end

local at = tonumber(ARGV[3])
local later = at > now
if ARGV[4] ~= '' and not is_of(active, ARGV[4]) and not is_of(active, ARGV[2]) then
  return {'conflict', active, scheduled, false}
end
if later then
  if is_of(scheduled, ARGV[2]) and moment(scheduled) == at then
    return {'same', active, scheduled, false}
  end
elseif is_of(active, ARGV[2]) and not scheduled then
  return {'same', active, false, false}
end

local withdrawn = scheduled
if withdrawn then
  redis.call('RPOP', KEYS[2])
  scheduled = false
end
local function add(microseconds)
  local entry = string.format('%.0f', microseconds) .. ' ' .. ARGV[2] .. ' ' .. version .. ' ' .. ARGV[5] .. ' ' .. ARGV[6]
  redis.call('RPUSH', KEYS[2], entry)
  return entry
end
if later then
  scheduled = add(at)
elseif not is_of(active, ARGV[2]) then
  active = add(active and math.max(now, moment(active) + 1) or now)
end
redis.call('HSET', KEYS[3], ARGV[1], (active or '') .. '\n' .. (scheduled or ''))

-- Taken from the clock, so that a generation that was lost with all other data does not recur.
local generation = math.max(now, tonumber(redis.call('GET', KEYS[4]) or 0) + 1)
redis.call('SET', KEYS[4], string.format('%.0f', generation))
redis.call('PUBLISH', ARGV[7], string.format('%.0f', generation))
return {'changed', active, scheduled, withdrawn}
