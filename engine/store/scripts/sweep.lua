--! ledger
-- Ends some of the expired reservations; returns how many.

return expire(200)
