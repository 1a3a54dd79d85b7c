-- Appends one entry to the audit trail, and remembers when something was last done to this job.
-- KEYS: the trail; jobs by the last thing done to them: its time in ms * 1000 + its number within that millisecond, so
-- that among many done at once the oldest is forgotten first.
-- ARGV: most entries of each; the job; remember | forget | leave; then the entry's fields.
local entry = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', unpack(ARGV, 4))
if ARGV[3] == 'forget' then
  redis.call('ZREM', KEYS[2], ARGV[2])
elseif ARGV[3] == 'remember' then
  local ms, number = string.match(entry, '^(%d+)-(%d+)$')
  redis.call('ZADD', KEYS[2], string.format('%.0f', ms * 1000 + math.min(number, 999)), ARGV[2])
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -ARGV[1] - 1)
end
return entry
