--! ledger
-- Reads current counters for one cart, and the reservation of a key.
--
-- KEYS[4] the record, KEYS[5] the cart's, then the hashes of counters.
-- Returns {{state, expires, answer, request, receipt id}, the holds of the cart's open reservation, each hash …}, or
-- {'closed'}.

local found = reservation(KEYS[4])
if not found[1] and redis.call('HEXISTS', ledger, 'epoch') == 0 then
  return {'closed'}
end
local _, holds = open_of(KEYS[5])
local counters = {}
for place = 6, #KEYS do
  counters[place - 5] = redis.call('HGETALL', KEYS[place])
end
return {found, holds or '[]', unpack(counters)}
