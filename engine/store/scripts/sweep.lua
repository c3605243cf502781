--! ledger
-- Ends reservations whose time is over, some at a time; how many it was.

return expire(200)
