-- Take the lock, or stand in line for it. Safe to repeat: the same id has one lease, one place in the line.
-- Own ARGV: terms, milliseconds that the caller will wait still (0: not at all).
-- Answers its token, or {'wait', nap, place}, or {'busy', {records of holders}}.
local terms, patience = ARGV[2], tonumber(ARGV[3])
local since = string.match(waiting(ID), '^%d+|(%d+)|')
if since then
  -- We are alive, however late.
  waiters[ID] = plain(NOW + GRACE) .. '|' .. since .. '|' .. terms
end
local head = settle()
local holder = holding()
if holder then
  local token = confirm(holder)
  save()
  return token
end
if not head and fits(terms) then
  grant(ID, tonumber(string.match(terms, '^%d+')), terms)
  save()
  return fence
end
if not since then
  redis.call('HINCRBY', LOCK, 'contended', 1)
  if patience <= 0 then
    save()
    return {'busy', first_holders()}
  end
end
local place = redis.call('ZRANK', LINE, ID)
if not place then
  -- A wake-up that we did not hear told of a lease that is over by now.
  redis.call('DEL', WAKE)
  redis.call('ZADD', LINE, redis.call('HINCRBY', LOCK, 'turn', 1), ID)
  place = redis.call('ZRANK', LINE, ID)
  changed = true
end
-- Sleep until somebody wakes us; at the latest until the first lease is over (the line in order, not all at once).
local first = holders[1] and holders[1].ends or NOW
for _, each in ipairs(holders) do
  first = math.min(first, each.ends)
end
local nap = math.min(patience, LONGEST_NAP, first - NOW + 10 + math.min(5 * place + 5, 1000))
put('waits:' .. ID, table.concat({plain(NOW + nap + GRACE), since or plain(NOW), terms}, '|'))
redis.call('PEXPIRE', LINE, HOUR)
save()
return {'wait', nap, place + 1}
