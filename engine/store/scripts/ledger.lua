-- The beginning of every script of redemptions.
--
-- KEYS[1] is the ledger (hash: epoch, change), KEYS[2] the open reservations (sorted set of their records' keys, by the
-- millisecond in which they expire), KEYS[3] the changes (stream). ARGV[1]: milliseconds that an ended reservation is kept.
-- KEYS[4] never exists (engine/store/keys.py).
-- A counter is a field of a hash; the holds of a reservation are a list of {key, field, amount}. The keys of what is
-- given back come from the record of its reservation, not from KEYS; they are in the same slot.
-- Writes that take memory come first or after a ZREM: if Redis is full, it refuses before anything is done, or does all.

local MOST_CHANGES = 10000
local ledger, open, changes, retention = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function text(number)
  return string.format('%.0f', number)
end

-- An empty table would be encoded as an object.
local function written(list)
  return #list == 0 and '[]' or cjson.encode(list)
end

-- Tells replicas the new values of counters, and what a cart now holds.
local function tell(cart, holds, counters)
  if redis.call('HEXISTS', ledger, 'epoch') == 1 then
    local number = text(redis.call('HINCRBY', ledger, 'change', 1))
    redis.call('XADD', changes, 'MAXLEN', '~', MOST_CHANGES, number .. '-1',
      'cart', cart, 'holds', holds, 'counters', written(counters))
  end
end

-- Gives back holds; returns {key, field, value} of each counter afterwards.
local function lower(holds)
  local counters = {}
  for _, hold in ipairs(holds) do
    local key, field, amount = unpack(hold)
    local value = redis.call('HGET', key, field)
    if value then -- else its period is long past
      local left = tonumber(value) - tonumber(amount)
      if left > 0 then
        redis.call('HSET', key, field, text(left))
      else
        left = 0
        redis.call('HDEL', key, field)
      end
      counters[#counters + 1] = {key, field, text(left)}
    end
  end
  return counters
end

-- Ends an open reservation: its holds are given back.
local function give_back(record, state)
  redis.call('ZREM', open, record)
  local cart, holds = unpack(redis.call('HMGET', record, 'cart', 'holds'))
  if not holds then
    return
  end
  redis.call('HSET', record, 'state', state)
  redis.call('HDEL', record, 'holds', 'receipt')
  redis.call('PEXPIRE', record, retention)
  tell(cart, '[]', lower(cjson.decode(holds)))
end

-- Ends expired reservations, at most `most` of them.
local function expire(most)
  local due = redis.call('ZRANGEBYSCORE', open, '-inf', now, 'LIMIT', 0, most)
  for _, record in ipairs(due) do
    give_back(record, 'expired')
  end
  return #due
end

-- State (false: no such reservation), expiry, answer, request, receipt id.
local function reservation(record)
  local found = redis.call('HMGET', record, 'state', 'expires', 'answer', 'request', 'receipt_id')
  if found[1] == 'reserved' and tonumber(found[2]) <= now then
    give_back(record, 'expired')
    found[1] = 'expired'
  end
  return found
end

-- The open reservation of a cart, and its holds as written; nil if it has none.
local function open_of(cart)
  local record = redis.call('GET', cart)
  if record and reservation(record)[1] == 'reserved' then
    return record, redis.call('HGET', record, 'holds')
  end
end

expire(16)
