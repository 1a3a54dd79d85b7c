-- Writes down what was decided of a job whose attempt failed.
--
-- KEYS: what is remembered of it, the retries by when they are due, the dead letters of its lane by when they died.
-- ARGV: the job's id, what to remember (JSON), when it is due or '', when it died or '', TTL (s) of what is
--   remembered, most dead letters of a lane, how long they are kept (s).
local TRIES, RETRIES, DEAD = KEYS[1], KEYS[2], KEYS[3]
local id, text, due, died, ttl, most, kept = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])

redis.call('SET', TRIES, text, 'EX', ttl)
if due ~= '' then
  redis.call('ZADD', RETRIES, due, id)
else
  redis.call('ZREM', RETRIES, id)
end
if died ~= '' then
  redis.call('ZADD', DEAD, died, id)
  redis.call('ZREMRANGEBYSCORE', DEAD, '-inf', tonumber(died) - kept)
  redis.call('ZREMRANGEBYRANK', DEAD, 0, -1 - most)
  redis.call('EXPIRE', DEAD, kept)
else
  redis.call('ZREM', DEAD, id)
end
return true
