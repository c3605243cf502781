--! ledger
-- Takes counters, all or none; a repeated key is answered as before.
--
-- KEYS[5] the record, KEYS[6] receipt ids (hash), KEYS[7] the cart's (string: the record of its reservation), then the
-- hash of each counter. ARGV[2] the key, [3] digest of the request, [4] milliseconds to live, [5] the cart's id, [6] the
-- answer, [7] the number of counters; for each its field, the amount, its limit, the milliseconds its hash is kept (0:
-- for ever); then the fields and values of the receipt.
-- Returns {state, expires, answer, request, receipt id}, {'exceeded', place, found, …}, {'closed'}, or {'reused'} for
-- the key of a receipt whose record is gone.

local record, cart = KEYS[5], KEYS[7]
local key, request, to_live, cart_id, answer, count = unpack(ARGV, 2, 7)
count = tonumber(count)

local found = reservation(record)
if found[1] then
  return found
end
if redis.call('HEXISTS', KEYS[6], key) == 1 then
  return {'reused'}
end
if redis.call('HEXISTS', ledger, 'epoch') == 0 then
  return {'closed'}
end

-- The cart's open reservation is replaced.
local replaced, holds = open_of(cart)
local held = {}
for _, hold in ipairs(replaced and cjson.decode(holds) or {}) do
  local hash, field, amount = unpack(hold)
  held[hash .. '\0' .. field] = tonumber(amount)
end

local takes, exceeded = {}, {}
for place = 1, count do
  local hash = KEYS[7 + place]
  local field, amount, most, kept = unpack(ARGV, 4 + 4 * place, 7 + 4 * place)
  local id = hash .. '\0' .. field
  local value = tonumber(redis.call('HGET', hash, field) or 0) - (held[id] or 0)
  takes[place] = {hash, field, amount, kept}
  held[id] = (held[id] or 0) - tonumber(amount) -- a key may occur more than once
  if value + tonumber(amount) > tonumber(most) then
    exceeded[#exceeded + 1] = place - 1
    exceeded[#exceeded + 1] = text(value)
  end
end
if #exceeded > 0 then
  return {'exceeded', unpack(exceeded)}
end

local expires = text(now + to_live)
local receipt = {}
for place = 8 + 4 * count, #ARGV do
  receipt[#receipt + 1] = ARGV[place]
end
local own, counters = {}, {}
for place, take in ipairs(takes) do
  own[place] = {take[1], take[2], take[3]}
end
-- It has no expiry before it has ended: what it holds would never be given back.
redis.call('HSET', record, 'state', 'reserved', 'request', request, 'expires', expires, 'answer', answer,
  'cart', cart_id, 'holds', written(own), 'receipt', cmsgpack.pack(receipt))
if replaced then
  give_back(replaced, 'replaced')
end
redis.call('ZADD', open, expires, record)
redis.call('SET', cart, record, 'PX', to_live)
for place, take in ipairs(takes) do
  local hash, field, amount, kept = unpack(take)
  counters[place] = {hash, field, text(redis.call('HINCRBY', hash, field, amount))}
  if kept ~= '0' then
    redis.call('PEXPIRE', hash, kept)
  end
end
tell(cart_id, written(own), counters)
return {'reserved', expires, answer, request, false}
