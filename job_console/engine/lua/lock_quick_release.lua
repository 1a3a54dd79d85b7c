-- The usual case, before the rest is even prepared: the caller alone has it, nobody waits.
local head, ended, longest, expires, id, ends, token, since, info = string.match(now,
  '^(%a %d+ %d+ %d+) (%d+) (%d+) (%d+) 0\n([^|]+)|(%d+)|(%d+)|(%d+)|%d+|%a|%d+|([^\n]*)$')
local left = id == ID and ends - NOW or 0
if left > 0 and left <= LISTED then
  redis.call('HSET', LOCK,
    'now', string.format('%s %d %d %s 0', head, ended + 1, math.max(longest, NOW - since), expires),
    'past:' .. ended % PAST, string.format('released|%s|%s|%s|%d|%s', ID, token, since, NOW, info))
  return 1
end
