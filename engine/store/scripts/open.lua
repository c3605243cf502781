-- Opens the ledger of a rule set, unless it is open. KEYS[1] the ledger, KEYS[2] the changes; ARGV[1] the epoch.

if redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1]) == 1 then
  redis.call('DEL', KEYS[2])
  return 1
end
return 0
