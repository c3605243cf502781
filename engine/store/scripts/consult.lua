--! ledger
-- Reads current counters for one cart, and the reservation of a key.
--
-- KEYS[5] the record, KEYS[6] the cart's, then the hashes of counters.
-- Returns {{state, expires, answer, request, receipt id}, the holds of the cart's open reservation, each hash …}, or
-- {'closed'}.

local found = reservation(KEYS[5])
if not found[1] and redis.call('HEXISTS', ledger, 'epoch') == 0 then
  return {'closed'}
end
local _, holds = open_of(KEYS[6])
local counters = {}
for place = 7, #KEYS do
  counters[place - 6] = redis.call('HGETALL', KEYS[place])
end
return {found, holds or '[]', unpack(counters)}
