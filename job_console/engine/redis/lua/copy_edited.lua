-- Enqueues a job anew, with other arguments, if it still is as it was read, and writes that into the audit trail in the
-- same step. Stands behind trail.lua.
-- KEYS: its record, the new one, the set of queues and its queue (named, so that all is allowed, or nothing is done); the
--   trail, jobs by the last thing done to them.
-- ARGV: the new id, now (ISO), the payload that was read, the new payload, a description, most entries of the trail, the
--   job's id, how many states allow it, these; then the entry's fields, without the states.
-- Returns {verdict, its state, why the trail has no entry ('': it has)}; verdict: done | missing | refused | changed.
local new_id, now_iso, read, data, description = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local OLD, NEW, QUEUES, QUEUE, TRAIL, JOBS = unpack(KEYS)
local last = 8 + ARGV[8]
local status = redis.call('HGET', OLD, 'status')
if not status then
  return { 'missing', '', '' }
end
local allowed = false
for i = 9, last do
  allowed = allowed or ARGV[i] == status
end
if not allowed then
  return { 'refused', status, '' }
end
local queue = redis.call('HGET', OLD, 'origin')
if redis.call('HGET', OLD, 'data') ~= read or queue ~= string.sub(QUEUE, #'rq:queue:' + 1) then
  return { 'changed', status, '' }
end
for _, field in ipairs({ 'timeout', 'result_ttl', 'failure_ttl', 'ttl', 'meta', 'success_callback_name',
  'success_callback_timeout', 'failure_callback_name', 'failure_callback_timeout', 'stopped_callback_name',
  'stopped_callback_timeout' }) do
  local value = redis.call('HGET', OLD, field)
  if value then
    redis.call('HSET', NEW, field, value)
  end
end
redis.call('HSET', NEW, 'data', data, 'description', description, 'status', 'queued', 'origin', queue,
  'created_at', now_iso, 'enqueued_at', now_iso, 'started_at', '', 'ended_at', '', 'last_heartbeat', '',
  'worker_name', '')
redis.call('SADD', QUEUES, QUEUE)
redis.call('RPUSH', QUEUE, new_id)
local entry = { 'state_before', status, 'state_after', status, unpack(ARGV, last + 1) }
local audited = pcall(write_down, TRAIL, JOBS, tonumber(ARGV[6]), ARGV[7], 'remember', entry)
return { 'done', status, audited and '' or 'unaudited' }
