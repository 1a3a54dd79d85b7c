-- Asks something of the present run of a job.
-- KEYS: what is asked of it (hash: run, and a note per thing asked), its record.
-- ARGV: what, the note (JSON object), TTL.
-- Returns `asked`, `already` when the same was asked of this run before, or the status of a job that does not run.
local status = redis.call('HGET', KEYS[2], 'status')
if status ~= 'started' then
  return status or 'missing'
end
local run = redis.call('HGET', KEYS[2], 'started_at') or ''
if redis.call('HGET', KEYS[1], 'run') ~= run then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'run', run)
end
local note, now = cjson.decode(ARGV[2]), redis.call('TIME')
note.at = tonumber(now[1])
local new = redis.call('HSETNX', KEYS[1], ARGV[1], cjson.encode(note))
redis.call('EXPIRE', KEYS[1], ARGV[3])
return new == 1 and 'asked' or 'already'
