-- Wait no longer. Own ARGV: '1' when the lock is still wanted if it can be had this very moment.
-- Answers its token when it can, else {'busy', {records of holders}}.
if ARGV[2] == '1' then
  settle()
end
local holder, place = holding()
if holder and ARGV[2] == '1' then
  local token = confirm(holder)
  save()
  return token
end
if holder then
  drop(place, 'abandoned', NOW)
elseif waiting(ID) ~= '' then
  forget_waiter(ID)
  redis.call('HINCRBY', LOCK, 'gave_up', 1)
end
redis.call('DEL', WAKE)
settle()
save()
return {'busy', first_holders()}
