-- End this lease and let the next in line have the lock; 1. When the lease was over before: 0.
local holder, place = holding()
if holder then
  drop(place, 'released', NOW)
end
settle()
save()
if holder then
  return 1
end
-- Asked again, because the first answer was lost on its way?
for past = 0, PAST - 1 do
  local row = redis.call('HGET', LOCK, 'past:' .. past)
  if row and string.sub(row, 1, #ID + 10) == 'released|' .. ID .. '|' then
    return 1
  end
end
return 0
