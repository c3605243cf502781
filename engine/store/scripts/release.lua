--! ledger
-- Gives back what an open reservation holds. KEYS[4] the record.
-- {state, expires, answer, request, receipt id}; the state is false for a key that is not known.

local record = KEYS[4]
local found = reservation(record)
if found[1] == 'reserved' then
  give_back(record, 'released')
  found[1] = 'released'
end
return found
