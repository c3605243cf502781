-- The beginning of scripts about activations.
--
-- An entry is "MICROSECONDS REVISION VERSION VERB DETAILS"; a pointer is the active entry, a line feed, the scheduled
-- entry; each may be empty. The list of activations has all entries in order; only the last may be in the future.

local time = redis.call('TIME')

local function moment(entry)
  return tonumber(string.match(entry, '^%d+'))
end

-- The time of a rule set: never before the moment of its active entry, although the clock may have been put back.
local function now_of(pointers, name)
  local active = string.match(redis.call('HGET', pointers, name) or '', '^%d+')
  return math.max(time[1] * 1000000 + time[2], tonumber(active or 0))
end

-- Replaces the pointer and tells followers. Taken from the clock, so that a generation that was lost with all other
-- data does not recur.
local function point(pointers, name, active, scheduled, generation, channel)
  redis.call('HSET', pointers, name, (active or '') .. '\n' .. (scheduled or ''))
  local number = math.max(time[1] * 1000000 + time[2], tonumber(redis.call('GET', generation) or 0) + 1)
  redis.call('SET', generation, string.format('%.0f', number))
  redis.call('PUBLISH', channel, string.format('%.0f', number))
end
