--! ledger
-- Makes an open reservation final, and writes its receipt.
--
-- KEYS[5] the record, KEYS[6] the receipts (stream), KEYS[7] their ids (hash); ARGV[2] the key.
-- Returns {state, expires, answer, request, receipt id}; the state is false for an unknown key, and
-- not 'committed' for a reservation that had ended.

local record = KEYS[5]
local found = reservation(record)
if found[1] ~= 'reserved' then
  return found
end
redis.call('ZREM', open, record)
local cart, receipt = unpack(redis.call('HMGET', record, 'cart', 'receipt'))
local id = redis.call('XADD', KEYS[6], '*', unpack(cmsgpack.unpack(receipt)))
redis.call('HSET', KEYS[7], ARGV[2], id)
redis.call('HSET', record, 'state', 'committed', 'receipt_id', id)
redis.call('HDEL', record, 'holds', 'receipt')
redis.call('PEXPIRE', record, retention)
tell(cart, '[]', {})
found[1], found[5] = 'committed', id
return found
