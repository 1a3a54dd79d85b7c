-- Notes what a job has printed up to now, unless something newer of it is known: the run's own last word, or a later run.
-- So many jobs' logs are kept; those that would end first go first.
-- KEYS: the job's log (hash), the logs by when they end.
-- ARGV: the job; when its run began, how many bytes it has written, how it stands (0: it goes on, 1: it has ended, and
--   says so itself, 2: its process is gone), the last of them; for how many seconds this one is kept, and any at most,
--   the time now, how many logs there may be, how their names begin.
local log, logs = KEYS[1], KEYS[2]
local job, begun, written, stands, text, ttl, longest, now, most, prefix = unpack(ARGV)
local known = redis.call('HMGET', log, 'begun', 'written', 'stands')
if known[1] then
  local newer = tonumber(known[1]) - tonumber(begun)
  if newer > 0 or newer == 0 and (known[3] == '1' or stands == '0' and tonumber(known[2]) >= tonumber(written)) then
    return 0
  end
end
redis.call('HSET', log, 'begun', begun, 'written', written, 'stands', stands, 'text', text)
redis.call('EXPIRE', log, ttl)
redis.call('ZADD', logs, now + ttl, job)
redis.call('EXPIRE', logs, longest)
redis.call('ZREMRANGEBYSCORE', logs, '-inf', now)
local over = redis.call('ZCARD', logs) - most
if over > 0 then
  for _, first in ipairs(redis.call('ZRANGE', logs, 0, over - 1)) do
    redis.call('DEL', prefix .. first)
    redis.call('ZREM', logs, first)
  end
end
return 1
