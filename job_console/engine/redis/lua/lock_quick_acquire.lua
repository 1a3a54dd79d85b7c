-- The usual case, before the rest is even prepared: a lock that we know, nobody has it, nobody waits.
local fence, rest, good = string.match(now, '^(%d+) (%d+ %d+ (%d+)) 0$')
if fence then
  local ends = NOW + string.match(ARGV[2], '^%d+')
  if ends <= tonumber(good) then
    fence = math.max(fence + 1, NOW_US)
    local token = string.format('%d', fence)
    local lease = string.format('|%d|%s|%d|', ends, token, NOW)
    redis.call('HSET', LOCK, 'now', token .. ' ' .. rest .. ' 0\n' .. ID .. lease .. ARGV[2])
    return fence
  end
end
