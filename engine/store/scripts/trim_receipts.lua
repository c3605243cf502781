-- Deletes some of the old receipts; or only counts them.
--
-- KEYS[1] the receipts (stream), [2] their ids, [3] return ids, [4] returned (hashes). ARGV[1] milliseconds that receipts
-- are kept, [2] the entry to begin after, '' for the first, [3] how many entries to examine, [4] 'trim' or 'count'.
-- A sale is deleted with its returns, once the last of them is old: every receipt kept replays and can be returned.
-- Entries that a consumer group has not acknowledged are kept, and so are all after them.
-- Returns how many entries go, the entry to continue after ('' at the end), and the group that keeps some ('': none).

local receipts, receipt_ids, return_ids, returned = unpack(KEYS)
local kept, after, most, act = unpack(ARGV)

local function before(left, right)
  local left_time, left_number = string.match(left, '(%d+)-(%d+)')
  local right_time, right_number = string.match(right, '(%d+)-(%d+)')
  if left_time ~= right_time then
    return tonumber(left_time) < tonumber(right_time)
  end
  return tonumber(left_number) < tonumber(right_number)
end

-- The value of a field in alternating fields and values, as entries and XINFO have them.
local function value(pairs, name)
  for place = 1, #pairs, 2 do
    if pairs[place] == name then
      return pairs[place + 1]
    end
  end
end

if redis.call('EXISTS', receipts) == 0 then
  return {0, '', ''}
end
local time = redis.call('TIME')
local old = string.format('%.0f-0', math.max(1, time[1] * 1000 + math.floor(time[2] / 1000) - kept))
local limit, holding = old, ''
for _, group in ipairs(redis.call('XINFO', 'GROUPS', receipts)) do
  local name, last = value(group, 'name'), value(group, 'last-delivered-id')
  local first = redis.call('XPENDING', receipts, name)[2]
  if not first then -- all it was given is acknowledged: what comes next is kept
    local time_part, number = string.match(last, '(%d+)-(%d+)')
    first = time_part .. '-' .. string.format('%.0f', number + 1)
  end
  if before(first, limit) and redis.call('XRANGE', receipts, first, '(' .. old, 'COUNT', 1)[1] then
    limit, holding = first, name
  end
end

local gone = {}
local function delete(id, key, hash)
  gone[id] = true
  if act == 'trim' then
    redis.call('XDEL', receipts, id)
    redis.call('HDEL', hash, key)
  end
end

local first = after == '' and '-' or '(' .. after
local entries = redis.call('XRANGE', receipts, first, '(' .. limit, 'COUNT', most)
for _, entry in ipairs(entries) do
  local id, fields = unpack(entry)
  local kind, key = value(fields, 'kind'), value(fields, 'key')
  if kind == 'sale' then
    local last, returns = id, {}
    for each in string.gmatch(redis.call('HGET', returned, key) or '', '%S+') do
      last = each
      returns[#returns + 1] = each
    end
    if before(last, limit) then
      for _, each in ipairs(returns) do
        local found = redis.call('XRANGE', receipts, each, each)[1]
        if found then
          delete(each, value(found[2], 'key'), return_ids)
        end
      end
      delete(id, key, receipt_ids)
      if act == 'trim' then
        redis.call('HDEL', returned, key)
      end
    end
  elseif kind == 'return' and not gone[id] then
    local receipt_key = value(fields, 'receipt_key')
    if redis.call('HEXISTS', receipt_ids, receipt_key) == 0 then -- its sale was taken out by hand
      delete(id, key, return_ids)
      if act == 'trim' then
        redis.call('HDEL', returned, receipt_key)
      end
    end
  end
end
local count = 0
for _ in pairs(gone) do
  count = count + 1
end
return {count, #entries == tonumber(most) and entries[#entries][1] or '', holding}
