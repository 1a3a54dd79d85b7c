-- The circuit of a method of a site: open when so many different jobs of it failed within a while and none ended well.
-- While it is open, retry_due.lua lets one due retry pass now and then, as the trial, and keeps the others waiting.
--
-- KEYS: the jobs that failed since one ended well (zset: by when), the retries that it keeps waiting (set), the open
--   circuits (hash: name to JSON; see engine/retries/circuit.py), the retries by when they are due; close: the trail,
--   jobs by the last thing done to them.
-- ARGV: failed | well | close, the name, TTL (s);
--   failed: now (s), the job, how many make it open, within how many seconds, seconds between trials, most jobs
--   remembered, what is known of it (JSON: site, method, job, queue, error).
--   close: most entries of the trail, the job, then the entry's fields (stands behind trail.lua then).
-- Returns how many retries were let go; -1 when it was not open; of close {that, why the trail has no entry | ''}.
local FAILED, HELD, CIRCUITS, RETRIES, TRAIL, JOBS = unpack(KEYS)
local action, name, ttl = ARGV[1], ARGV[2], ARGV[3]
local text = redis.call('HGET', CIRCUITS, name)

if action == 'failed' then
  local now, id, needed, within, every, most = tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6]), ARGV[7], ARGV[8], ARGV[9]
  redis.call('ZADD', FAILED, now, id)
  if not text then
    redis.call('ZREMRANGEBYSCORE', FAILED, '-inf', now - within)
  end
  redis.call('ZREMRANGEBYRANK', FAILED, 0, -1 - most)
  redis.call('EXPIRE', FAILED, ttl)
  local jobs = redis.call('ZCARD', FAILED)
  if text or jobs >= needed then
    local known, before = cjson.decode(ARGV[10]), text and cjson.decode(text) or {}
    known.opened_at, known.trial_at = before.opened_at or now, before.trial_at or now + every
    known.every, known.jobs, known.held = tonumber(every), jobs, before.held or 0
    redis.call('HSET', CIRCUITS, name, cjson.encode(known))
    redis.call('EXPIRE', CIRCUITS, ttl)
  end
  return -1
end

redis.call('DEL', FAILED)
if not text then
  return action == 'close' and { -1, '' } or -1
end
redis.call('HDEL', CIRCUITS, name)
local clock = redis.call('TIME')
local let_go = 0
for _, id in ipairs(redis.call('SMEMBERS', HELD)) do
  if redis.call('ZSCORE', RETRIES, id) then
    redis.call('ZADD', RETRIES, clock[1], id)
    let_go = let_go + 1
  end
end
redis.call('DEL', HELD)
if action == 'close' then
  local audited = pcall(write_down, TRAIL, JOBS, tonumber(ARGV[4]), ARGV[5], 'remember', { unpack(ARGV, 6) })
  return { let_go, audited and '' or 'unaudited' }
end
return let_go
