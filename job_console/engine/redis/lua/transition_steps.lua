-- Every change of a job's state that Job Console makes, in one step: look again, then act or leave all as it was.
-- RQ's own operations (rq 1.15 to 2.6) read the state first and write later, so a worker can come in between; and
-- they load the job, which unpickles it. First part: the steps; behind it stand
-- transition_places.lua and transition.lua. Stands behind place_in.lua, circuit_held.lua, trail.lua and
-- dependencies.lua.
--
-- What was done is written into the audit trail in the same step. Each action begins with taking something away, which
-- a full Redis (noeviction) allows; and what a script began it lets it end. So it does all there, or nothing.
--
-- KEYS: the job's hash; the trail; jobs by the last thing done to them; then, so that all is allowed or nothing is
--   done, what else is touched: see redis/transition.py.
-- ARGV: job id, action, now (ISO), now (seconds), argument, sure, call, most entries of the trail, absent, then the
--   fields of the trail's entry that are known before
--   argument: move: target queue; retry of a finished job: the new job's id; fail: the packed error text;
--             clear: the queue
--   sure: '1' when an earlier call found it in no queue already
--   absent: what `enqueued` gave when the caller began to go through its queue, where it was not found; 'stands PLACE':
--     it was found there, so far from the end (-1: the last one); 'elsewhere PLACE QUEUE': in another queue; '': it did
--     not go through
--   call: equal for the same call that is sent twice
-- Returns {verdict, state before, state after, note}; verdict: done | missing | refused | elsewhere | unsure | broken
--   elsewhere: the record's state allows it, but the job no longer stands where that state says.
--   unsure: it is a ghost, or a worker took it a moment ago and is about to start it: call again, later.
--   running: its record says that it has ended, and a worker (the note) still runs it.
--   broken: a key (the note) is of another type than its name says; nothing was changed.
--   note of done: 'unaudited' when the trail could not be written.
local id, action, now_iso, now, argument = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local sure, call, most, absent = ARGV[6] == '1', ARGV[7], tonumber(ARGV[8]), ARGV[9]
local key = KEYS[1]
local REGISTRY = {
  deferred = 'rq:deferred:', scheduled = 'rq:scheduled:', failed = 'rq:failed:', stopped = 'rq:failed:',
  canceled = 'rq:canceled:', finished = 'rq:finished:', started = 'rq:wip:',
}

-- Its entries among a lane's running ones: the bare id (rq 1.x), or one per execution (rq 2.x).
local function running_entries(lane)
  local entries = {}
  for _, entry in ipairs(redis.call('ZRANGE', 'rq:wip:' .. lane, 0, -1)) do
    -- (An id of rq 1.x may look like an execution of another one.)
    if entry == id or (#entry == #id + 33 and string.sub(entry, 1, #id + 1) == id .. ':'
      and redis.call('EXISTS', 'rq:job:' .. entry) == 0) then
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

-- A hash with neither state nor work is what a heartbeat or `save_meta` made anew after the record was deleted.
local is_hash = redis.call('TYPE', key).ok == 'hash'
local has_record = is_hash and (redis.call('HEXISTS', key, 'status') == 1 or redis.call('HSTRLEN', key, 'data') > 0)
local status = has_record and (redis.call('HGET', key, 'status') or 'created')
local queue = has_record and redis.call('HGET', key, 'origin') or ''

local function refused()
  return { 'refused', status, status }
end

local function elsewhere()
  return { 'elsewhere', status, status }
end

local function unsure()
  return { 'unsure', status, status }
end

-- Whether the worker's host has found its process gone (engine/stacks/liveness.py), and it has not beaten since. While
-- the process of this job goes on without it, it counts as there. (A record that a heartbeat wrote anew names no pid.)
local function killed(name)
  local read, found = pcall(cjson.decode, redis.pcall('GET', 'rq:job_console:process_ended:' .. name) or '')
  if not read or type(found) ~= 'table' or type(found.note) ~= 'table' then
    return false
  end
  local record = redis.call('HMGET', 'rq:worker:' .. name, 'pid', 'last_heartbeat')
  local pid = tonumber(record[1] or '')
  return (not pid or pid == found.pid) and (record[2] or '') <= found['until']
    and not (found.run_alive and found.note.job_id == id)
end

local function leased()
  for _, entry in ipairs(running_entries(queue)) do
    if (tonumber(redis.call('ZSCORE', 'rq:wip:' .. queue, entry)) or 0) > now then
      return true
    end
  end
  return false
end

-- Whether its lease was renewed after a second worker, who does not run it, had taken its worker's name.
local function another_beats(birth)
  local run = redis.call('HMGET', key, 'last_heartbeat', 'started_at')
  return status == 'started' and (birth or '') > (run[2] or '') and (run[1] or '') > (birth or '') and leased()
end

-- Whether something may still be working on it: its worker names it, and has beaten lately, or its record would be gone;
-- unless its host knows better. (The lease is no witness: it ends by the clock of the worker's host.) A worker that runs
-- nothing has seen the end of what it still names, and one that has written down its own end runs nothing.
local function held()
  local name = redis.call('HGET', key, 'worker_name')
  if not name or name == '' then
    return status == 'started' and leased()
  end
  local record = redis.call('HMGET', 'rq:worker:' .. name, 'current_job', 'state', 'death', 'birth')
  if record[1] ~= id and another_beats(record[4]) then
    return true
  end
  return record[1] == id and record[2] ~= 'idle' and record[2] ~= 'suspended' and (record[3] or '') == ''
    and not killed(name)
end

local function forget_runs()
  leave_running(queue)
  for _, execution in ipairs(redis.call('ZRANGE', 'rq:executions:' .. id, 0, -1)) do
    redis.call('DEL', 'rq:execution:' .. id .. ':' .. execution)
  end
  redis.call('DEL', 'rq:executions:' .. id)
end

-- As it was before its first run.
local function made_new(state)
  redis.call('HSET', key, 'status', state, 'enqueued_at', now_iso, 'started_at', '', 'ended_at', '',
    'last_heartbeat', '', 'worker_name', '')
  redis.call('HDEL', key, 'exc_info')
  redis.call('DEL', 'rq:job_console:asked:' .. id) -- of the run before
  let_live(id)
  return { 'done', status, state }
end

-- Whatever else holds it would bring it to run once more, or call it ended while it waits.
local function leave_registries()
  for _, registry in pairs(REGISTRY) do
    redis.call('ZREM', registry .. queue, id)
  end
end

local function start_over()
  leave_registries()
  put_in_queue(queue, id, false)
  return made_new('queued')
end

-- Whether somebody asked this run to end (progress/flags.py): what was stopped RQ does not try again.
local function asked_to_end()
  local asked = 'rq:job_console:asked:' .. id
  if redis.call('HGET', asked, 'run') ~= (redis.call('HGET', key, 'started_at') or '') then
    return false
  end
  for _, what in ipairs({ 'stop', 'interrupt', 'hard_stop', 'kill' }) do
    if redis.call('HEXISTS', asked, what) == 1 then
      return true
    end
  end
  return false
end

-- What RQ's maintenance does with a lost run when attempts are left (Job.retry); nil when none is.
local function retry_by_rq()
  local left = tonumber(redis.call('HGET', key, 'retries_left') or '') or 0
  if left < 1 then
    return nil
  end
  local read, intervals = pcall(cjson.decode, redis.call('HGET', key, 'retry_intervals') or '[]')
  intervals = read and type(intervals) == 'table' and intervals or {}
  local pause = tonumber(intervals[math.max(#intervals - left, 0) + 1]) or 0
  forget_runs()
  redis.call('HSET', key, 'retries_left', left - 1)
  if pause <= 0 then
    return start_over()
  end
  redis.call('SADD', 'rq:queues', 'rq:queue:' .. queue)
  redis.call('ZADD', 'rq:scheduled:' .. queue, now + pause, id)
  redis.call('ZADD', 'rq:job_console:retries', now + pause, id) -- where no scheduler of RQ runs, a sweep moves it
  return made_new('scheduled')
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
    return { 'done', status, status, argument } -- this call came twice: its answer was lost on the way
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
  return { 'done', status, status, argument }
end

local function erase()
  forget_runs()
  leave_retries()
  redis.call('ZREM', 'rq:job_console:dead:' .. queue, id)
  redis.call('DEL', key, 'rq:results:' .. id, key .. ':dependents', dependencies_key(id))
  return { 'done', status, 'gone' }
end

