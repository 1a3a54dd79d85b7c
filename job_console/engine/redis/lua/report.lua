-- A running job says how far it has come, and hears what is asked of this run.
-- KEYS: its progress (hash), what is asked of it (hash), its record.
-- ARGV: TTL, then fields and values.
-- Returns {when the run started, what is asked of the job: fields and values}.
local now = redis.call('TIME')
local run = redis.call('HGET', KEYS[3], 'started_at') or ''
redis.call('HSET', KEYS[1], 'run', run, 'at', now[1] .. '.' .. string.format('%06d', now[2]), unpack(ARGV, 2))
redis.call('EXPIRE', KEYS[1], ARGV[1])
return { run, redis.call('HGETALL', KEYS[2]) }
