-- Appends a return to the receipts, unless another came between or it is there already.
--
-- KEYS[1] the receipts (stream), KEYS[2] return ids (hash), KEYS[3] returned (hash).
-- ARGV[1] the return's key, [2] the receipt's key, [3] what `returned` had when the refund was worked out, then the
-- fields and values of the entry. {'appended' or 'known', stream id} or {'moved'}.

local key, receipt_key, seen = ARGV[1], ARGV[2], ARGV[3]
local known = redis.call('HGET', KEYS[2], key)
if known then
  return {'known', known}
end
if (redis.call('HGET', KEYS[3], receipt_key) or '') ~= seen then
  return {'moved'}
end
local id = redis.call('XADD', KEYS[1], '*', unpack(ARGV, 4))
redis.call('HSET', KEYS[2], key, id)
redis.call('HSET', KEYS[3], receipt_key, seen == '' and id or seen .. ' ' .. id)
return {'appended', id}
