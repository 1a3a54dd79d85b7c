-- Every change of a job's state that Job Console makes, in one step: look again, then act or leave all as it was.
-- RQ's own operations (rq 1.15 to 2.6) read the state first and write later, so a worker can come in between; and
-- they load the job, which unpickles it. Stands behind circuit_held.lua and place_in.lua.
--
-- KEYS: the job's hash; then, so that all is allowed or nothing is done, what else is touched: see keys.of_change.
-- ARGV: job id, action, now (ISO), now (seconds), argument, sure
--   argument: move: target queue; retry of a finished job: the new job's id; fail: the packed error text;
--             clear: the queue
--   sure: '1' when an earlier call found it in no queue already
-- Returns {verdict, state before, state after}; verdict: done | missing | refused | elsewhere | unsure
--   elsewhere: the record's state allows it, but the job no longer stands where that state says.
--   unsure: it is a ghost, or a worker took it a moment ago and is about to start it: call again, later.
local id, action, now_iso, now, argument = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local sure = ARGV[6] == '1'
local key = KEYS[1]
local REGISTRY = {
  deferred = 'rq:deferred:', scheduled = 'rq:scheduled:', failed = 'rq:failed:', stopped = 'rq:failed:',
  canceled = 'rq:canceled:', finished = 'rq:finished:', started = 'rq:wip:',
}

-- Its entries among a lane's running ones: the bare id (rq 1.x), or one per execution (rq 2.x).
local function running_entries(lane)
  local entries = {}
  for _, entry in ipairs(redis.call('ZRANGE', 'rq:wip:' .. lane, 0, -1)) do
    if entry == id or (#entry == #id + 33 and string.sub(entry, 1, #id + 1) == id .. ':') then
      entries[#entries + 1] = entry
    end
  end
  return entries
end

local function leave_running(lane)
  local removed = 0
  for _, entry in ipairs(running_entries(lane)) do
    removed = removed + redis.call('ZREM', 'rq:wip:' .. lane, entry)
  end
  return removed
end

local has_record = redis.call('TYPE', key).ok == 'hash'

if action == 'clear' then
  if has_record then
    return { 'refused', redis.call('HGET', key, 'status') or 'unknown', '' }
  end
  local removed = redis.call('LREM', 'rq:queue:' .. argument, 0, id)
    + redis.call('LREM', 'rq:queue:' .. argument .. ':intermediate', 0, id)
    + redis.call('ZREM', 'rq:scheduled:' .. argument, id)
    + redis.call('ZREM', 'rq:deferred:' .. argument, id)
    + leave_running(argument)
  return removed > 0 and { 'done', 'orphan', 'gone' } or { 'missing', '', '' }
end

local status = has_record and redis.call('HGET', key, 'status')
local queue = has_record and redis.call('HGET', key, 'origin') or ''
if not status then
  return { 'missing', '', '' }
end

local function refused()
  return { 'refused', status, status }
end

local function elsewhere()
  return { 'elsewhere', status, status }
end

local function unsure()
  return { 'unsure', status, status }
end

-- Whether something may still be working on it: its worker names it, and has beaten lately, or its record would be gone.
-- (The lease is no witness: it ends by the clock of the worker's host.)
local function held()
  local name = redis.call('HGET', key, 'worker_name')
  return name and name ~= '' and redis.call('HGET', 'rq:worker:' .. name, 'current_job') == id
end

local function nowhere()
  return not place_in('rq:queue:' .. queue, id, 0)
    and not place_in('rq:queue:' .. queue .. ':intermediate', id, 0)
    and not held()
end

local function forget_runs()
  leave_running(queue)
  for _, execution in ipairs(redis.call('ZRANGE', 'rq:executions:' .. id, 0, -1)) do
    redis.call('DEL', 'rq:execution:' .. id .. ':' .. execution)
  end
  redis.call('DEL', 'rq:executions:' .. id)
end

-- Take it out of where its state says it stands; false when it is not there.
local function take_out()
  if status == 'queued' then
    return redis.call('LREM', 'rq:queue:' .. queue, 1, id) > 0
  elseif REGISTRY[status] then
    return redis.call('ZREM', REGISTRY[status] .. queue, id) > 0
  end
  return false
end

local function put_in_queue(name, front)
  redis.call('SADD', 'rq:queues', 'rq:queue:' .. name)
  redis.call(front and 'LPUSH' or 'RPUSH', 'rq:queue:' .. name, id)
end

local function start_over()
  redis.call('HSET', key, 'status', 'queued', 'enqueued_at', now_iso, 'started_at', '', 'ended_at', '',
    'last_heartbeat', '', 'worker_name', '')
  redis.call('HDEL', key, 'exc_info')
  redis.call('DEL', 'rq:job_console:asked:' .. id) -- of the run before
  redis.call('PERSIST', key)
  put_in_queue(queue, false)
  return { 'done', status, 'queued' }
end

-- No sweep brings it back, and no circuit counts it among those that wait.
local function leave_retries()
  redis.call('ZREM', 'rq:job_console:retries', id)
  leave_circuit(id)
end

-- Somebody gives it all its attempts again (see engine/retries); what became of the earlier ones stays known.
local function count_anew()
  local tries = 'rq:job_console:tries:' .. id
  local read, said = pcall(cjson.decode, redis.call('GET', tries) or '')
  if read and type(said) == 'table' then
    said.failed, said['then'] = 0, 'again'
    redis.call('SET', tries, cjson.encode(said), 'EX', math.max(redis.call('TTL', tries), 1))
  end
  leave_retries()
  redis.call('ZREM', 'rq:job_console:dead:' .. queue, id)
end

local function copy_as_new()
  local new = 'rq:job:' .. argument
  if redis.call('EXISTS', new) == 1 then
    return { 'done', status, status } -- this call came twice: its answer was lost on the way
  end
  local kept = { 'data', 'description', 'timeout', 'result_ttl', 'failure_ttl', 'ttl', 'meta',
    'success_callback_name', 'success_callback_timeout', 'failure_callback_name', 'failure_callback_timeout',
    'stopped_callback_name', 'stopped_callback_timeout' }
  for _, field in ipairs(kept) do
    local value = redis.call('HGET', key, field)
    if value then
      redis.call('HSET', new, field, value)
    end
  end
  redis.call('HSET', new, 'status', 'queued', 'origin', queue, 'created_at', now_iso, 'enqueued_at', now_iso,
    'started_at', '', 'ended_at', '', 'last_heartbeat', '', 'worker_name', '')
  redis.call('SADD', 'rq:queues', 'rq:queue:' .. queue)
  redis.call('RPUSH', 'rq:queue:' .. queue, argument)
  return { 'done', status, status }
end

local function erase()
  forget_runs()
  leave_retries()
  redis.call('ZREM', 'rq:job_console:dead:' .. queue, id)
  redis.call('DEL', key, 'rq:results:' .. id, key .. ':dependents', 'rq:job::' .. id .. ':dependencies') -- two colons: so does Job.dependencies_key
  return { 'done', status, 'gone' }
end

local actions = {}

function actions.cancel()
  if status ~= 'queued' and status ~= 'deferred' and status ~= 'scheduled' then
    return refused()
  elseif not take_out() then
    return elsewhere()
  end
  leave_retries()
  redis.call('HSET', key, 'status', 'canceled')
  redis.call('ZADD', 'rq:canceled:' .. queue, now, id)
  return { 'done', status, 'canceled' }
end

function actions.retry()
  if status == 'finished' then
    return copy_as_new()
  elseif status ~= 'failed' and status ~= 'stopped' and status ~= 'canceled' then
    return refused()
  elseif not take_out() then
    return elsewhere()
  end
  count_anew()
  return start_over()
end

function actions.delete()
  if status == 'started' then
    return refused()
  elseif not take_out() then
    if not nowhere() then
      return elsewhere()
    elseif status == 'queued' and not sure then
      return unsure()
    end
  end
  return erase()
end

-- As delete, but of a ghost only: what has its id by now may be the next run of the same work, which waits its turn.
function actions.free()
  if not (status == 'queued' and nowhere()) then
    return refused()
  elseif not sure then
    return unsure()
  end
  return erase()
end

function actions.move()
  if status ~= 'queued' then
    return refused()
  elseif not take_out() then
    return elsewhere()
  end
  redis.call('HSET', key, 'origin', argument)
  put_in_queue(argument, false)
  return { 'done', status, 'queued' }
end

function actions.front()
  if status ~= 'queued' then
    return refused()
  elseif not take_out() then
    return elsewhere()
  end
  put_in_queue(queue, true)
  return { 'done', status, 'queued' }
end

-- Parked by its own last run: see progress/parting.py.
function actions.unpause()
  if status ~= 'scheduled' or (redis.call('HGET', 'rq:job_console:progress:' .. id, 'parked') or '') == '' then
    return refused()
  elseif not take_out() then
    return elsewhere()
  end
  return start_over()
end

-- Taken by a worker of one queue that died before it started the job.
local function in_limbo()
  return place_in('rq:queue:' .. queue .. ':intermediate', id, 0) and not held()
end

-- The ids it waits for, when none of them can still end well and enqueue it; else false.
local function awaited_in_vain()
  local read, ids = pcall(cjson.decode, redis.call('HGET', key, 'dependency_ids') or '[]')
  if not read or type(ids) ~= 'table' then
    ids = {}
  end
  for _, awaited in ipairs(ids) do
    local its = redis.call('HGET', 'rq:job:' .. awaited, 'status')
    if its and its ~= 'failed' and its ~= 'stopped' and its ~= 'canceled' and its ~= 'finished' then
      return false
    end
  end
  return ids
end

-- Back to its queue: a ghost, one in limbo, what a dead worker left, what is overdue, what waits for others in vain.
function actions.requeue()
  if status == 'queued' and not sure and (in_limbo() or nowhere()) then
    return unsure()
  elseif status == 'queued' and in_limbo() then
    redis.call('LREM', 'rq:queue:' .. queue .. ':intermediate', 0, id)
  elseif status == 'scheduled' then
    local due = redis.call('ZSCORE', 'rq:scheduled:' .. queue, id)
    if not due or tonumber(due) > now then
      return refused()
    end
    take_out()
  elseif status == 'deferred' then
    local ids = awaited_in_vain()
    if not ids then
      return refused()
    elseif not take_out() then
      return elsewhere()
    end
    -- Else RQ would enqueue it once more when one of them is retried and ends well.
    for _, awaited in ipairs(ids) do
      redis.call('SREM', 'rq:job:' .. awaited .. ':dependents', id)
    end
  elseif not (status == 'queued' and nowhere() or status == 'started' and not held()) then
    return refused()
  end
  forget_runs()
  return start_over()
end

function actions.fail()
  if not (status == 'queued' and nowhere() or status == 'started' and not held()) then
    return refused()
  elseif status == 'queued' and not sure then
    return unsure()
  end
  local ttl = tonumber(redis.call('HGET', key, 'failure_ttl') or '') or 31536000
  forget_runs()
  redis.call('HSET', key, 'status', 'failed', 'ended_at', now_iso)
  redis.call('XADD', 'rq:results:' .. id, 'MAXLEN', 10, '*', 'type', 2, 'exc_string', argument)
  if ttl > 0 then
    redis.call('EXPIRE', key, ttl)
    redis.call('EXPIRE', 'rq:results:' .. id, ttl)
    redis.call('ZADD', 'rq:failed:' .. queue, now + ttl, id)
  else
    redis.call('PERSIST', key)
    redis.call('ZADD', 'rq:failed:' .. queue, '+inf', id)
  end
  return { 'done', status, 'failed' }
end

return actions[action]()
