-- End this lease and let the next in line have the lock; 1. When the lease was over before: 0.
tidy()
local held = redis.call('ZSCORE', HELD, ID)
if held then
  drop(ID, 'released', NOW)
end
settle()
if held then
  return 1
end
-- Asked again, because the first answer was lost on its way?
for _, past in ipairs(redis.call('LRANGE', LAST, 0, -1)) do
  if string.sub(past, 1, #ID + 10) == 'released|' .. ID .. '|' then
    return 1
  end
end
return 0
