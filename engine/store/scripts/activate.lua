--! pointers
-- Activates a revision, now or from a moment on. A scheduled activation is withdrawn.
--
-- KEYS: revisions, activations, pointers, generation
-- ARGV: name, revision, moment in microseconds (0: now), the revision that must be active so far (empty: any), verb, details, channel
-- Returns the outcome, then the entries that are active, scheduled and withdrawn, or the number of revisions.

local record = redis.call('LINDEX', KEYS[1], ARGV[2] - 1)
if not record or tonumber(ARGV[2]) < 1 then
  return {'unknown', redis.call('LLEN', KEYS[1])}
end
local version = string.match(record, '^%d+ (%x+) ')

local now = now_of(KEYS[3], ARGV[1])

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
elseif is_of(active, ARGV[2]) and not scheduled and redis.call('HGET', KEYS[3], ARGV[1]) == active .. '\n' then
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
point(KEYS[3], ARGV[1], active, scheduled, KEYS[4], ARGV[7])
return {'changed', active, scheduled, withdrawn}
