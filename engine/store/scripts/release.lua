--! ledger
-- Gives back what an open reservation holds. KEYS[5] the record.
-- Returns {state, expires, answer, request, receipt id}; the state is false for an unknown key.

local record = KEYS[5]
local found = reservation(record)
if found[1] == 'reserved' then
  give_back(record, 'released')
  found[1] = 'released'
end
return found
