-- End this lease and let the next in line have the lock; 1. When the lease was over before: 0. Own ARGV: its token.
local holder, place = holding()
local same = holder and holder.token == ARGV[2]
if holder then
  -- Of another token: given by a message that arrived late, to a caller who does not know.
  drop(place, same and 'released' or 'abandoned', NOW)
end
settle()
save()
if holder then
  return same and 1 or 0
end
-- Asked again, because the first answer was lost on its way?
local head = 'released|' .. ID .. '|'
for past = 0, PAST - 1 do
  local row = redis.call('HGET', LOCK, 'past:' .. past) or ''
  if string.sub(row, 1, #head) == head and string.match(row, '^%d+|(%d+)|', #head + 1) == ARGV[2] then
    return 1
  end
end
return 0
