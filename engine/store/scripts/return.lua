--! ledger
-- Appends a return and gives back its holds, unless another return came first or this one exists already.
--
-- KEYS[5] the receipts (stream), KEYS[6] return ids (hash), KEYS[7] returned (hash), KEYS[8] the cart's.
-- ARGV[2] the return's key, [3] the receipt's key, [4] the value of `returned` when the refund was computed, [5] the
-- cart's id, [6] what is given back (as holds), then the fields and values of the entry.
-- Returns {'appended' or 'known', stream id} or {'moved'}.

local receipts, return_ids, returned = KEYS[5], KEYS[6], KEYS[7]
local key, receipt_key, seen, cart_id, given_back = unpack(ARGV, 2, 6)
local known = redis.call('HGET', return_ids, key)
if known then
  return {'known', known}
end
if (redis.call('HGET', returned, receipt_key) or '') ~= seen then
  return {'moved'}
end
local id = redis.call('XADD', receipts, '*', unpack(ARGV, 7))
redis.call('HSET', return_ids, key, id)
redis.call('HSET', returned, receipt_key, seen == '' and id or seen .. ' ' .. id)
local counters = lower(cjson.decode(given_back))
if #counters > 0 then
  local _, holds = open_of(KEYS[8])
  tell(cart_id, holds or '[]', counters)
end
return {'appended', id}
