-- The usual case, before the rest is even prepared: the caller alone has it, nobody waits.
local fence, ended, longest, good, id, ends, record, token, since = string.match(now,
  '^(%d+) (%d+) (%d+) (%d+) 0\n([^|]+)|(%d+)|((%d+)|(%d+)|[^\n]*)$')
if id == ID and token == ARGV[2] and ends - NOW > 0 and good - NOW <= LISTED then
  redis.call('HSET', LOCK,
    'now', string.format('%s %d %d %s 0', fence, ended + 1, math.max(longest, NOW - since), good),
    string.format('past:%d', ended % PAST), 'released|' .. ID .. string.format('|%d|', NOW) .. record)
  return 1
end
