-- The usual case, before the rest is even prepared: a lock that we know, nobody has it, nobody waits.
local fence, acquired, statistics, expires =
  string.match(now, '^%a %d+ (%d+) (%d+) (%d+ %d+) (%d+) 0$')
if fence and NOW % 100 > 0 then
  local ttl, mode, slots = string.match(ARGV[2], '^(%d+)|(%a)|(%d+)|')
  local ends = NOW + ttl
  if expires - ends > (tonumber(acquired) < REGULAR and HOUR or DAY) / 2 then
    fence = math.max(fence + 1, NOW_US)
    redis.call('HSET', LOCK, 'now', string.format('%s %s %d %d %s %s 0\n%s|%d|%d|%d|%s', mode, slots, fence,
      acquired + 1, statistics, expires, ID, ends, fence, NOW, ARGV[2]))
    redis.call('ZADD', LOCKS, ends, NAME)
    return fence
  end
end
