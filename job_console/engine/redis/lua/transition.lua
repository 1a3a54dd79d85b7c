-- The actions, one function each. Stands behind transition_places.lua; transition_steps.lua says what it is given and
-- answers.
local actions = {}

function actions.clear()
  if has_record then
    return refused()
  end
  local list = 'rq:queue:' .. argument
  local removed = remove_from(list)
    + redis.call('LREM', 'rq:queue:' .. argument .. ':intermediate', 0, id)
    + redis.call('ZREM', 'rq:scheduled:' .. argument, id)
    + redis.call('ZREM', 'rq:deferred:' .. argument, id)
    + leave_running(argument)
  if removed == 0 and redis.call('LLEN', list) > DEEP and (not sure or string.sub(absent, 1, 7) == 'stands ') then
    return { 'unsure', 'orphan', 'orphan' }
  elseif is_hash then
    redis.call('DEL', key) -- what is left of one
  end
  return removed > 0 and { 'done', 'orphan', 'gone' } or { 'missing', '', '' }
end

function actions.cancel()
  if status ~= 'queued' and status ~= 'deferred' and status ~= 'scheduled' then
    return refused()
  elseif not take_out() then
    return not_there()
  end
  leave_retries()
  redis.call('HSET', key, 'status', 'canceled')
  redis.call('ZADD', 'rq:canceled:' .. queue, now, id)
  return { 'done', status, 'canceled' }
end

-- One that was canceled while it waited for others waits again, as long as one of them may still end well.
function actions.retry()
  if status == 'finished' then
    return copy_as_new()
  elseif status ~= 'failed' and status ~= 'stopped' and status ~= 'canceled' then
    return refused()
  elseif held() then
    -- RQ's cancel leaves a run alone, and a frozen worker's goes on after maintenance has called it abandoned.
    return sure and { 'running', status, status, redis.call('HGET', key, 'worker_name') } or unsure()
  elseif not take_out() then
    if not in_no_place() then
      return elsewhere()
    elseif not sure then
      return unsure() -- RQ takes a failed job out first, and puts it into its queue in another step
    end
  end
  count_anew()
  if status == 'canceled' and waits_for_some(id) then
    wait_again(id, queue, now)
    return made_new('deferred')
  end
  return start_over()
end

-- As retry, but of one failed run alone: what has run once more since then is not run again. See failures/canary.py.
function actions.again()
  local run = redis.call('HMGET', key, 'started_at', 'ended_at')
  if status ~= 'failed' or (run[1] or '') .. '|' .. (run[2] or '') ~= argument then
    return refused()
  end
  return actions.retry()
end

-- Taken by a worker of one queue that died before it started the job.
local function in_limbo()
  return place_in('rq:queue:' .. queue .. ':intermediate', id, 0) and not held()
end

function actions.delete()
  if status == 'started' then
    return refused()
  elseif status == 'queued' and in_limbo() then
    if not sure then
      return unsure()
    end
    redis.call('LREM', 'rq:queue:' .. queue .. ':intermediate', 0, id)
  elseif not take_out() then
    if held() or #running_entries(queue) > 0 or place_in('rq:queue:' .. queue .. ':intermediate', id, 0) then
      return elsewhere()
    elseif status == 'queued' and (not sure or may_stand()) then
      return unsure()
    end
  end
  -- Where its id stands besides. Redis would go through all of a deep queue for that, of each job: there an id is left,
  -- and workers pass over one without a record.
  if redis.call('LLEN', 'rq:queue:' .. queue) <= DEEP then
    redis.call('LREM', 'rq:queue:' .. queue, 0, id)
  end
  leave_registries()
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
    return not_there()
  end
  redis.call('HSET', key, 'origin', argument)
  put_in_queue(argument, id, false)
  return { 'done', status, 'queued' }
end

function actions.front()
  if status ~= 'queued' then
    return refused()
  elseif not take_out() then
    return not_there()
  end
  put_in_queue(stood_in, id, true)
  return { 'done', status, 'queued' }
end

-- Parked by its own last run: see progress/hand_over.py.
function actions.unpause()
  if status ~= 'scheduled' or (redis.call('HGET', 'rq:job_console:progress:' .. id, 'parked') or '') == '' then
    return refused()
  elseif not take_out() then
    return elsewhere()
  end
  return start_over()
end

-- Waits and stands nowhere, or runs and nobody has it. What runs and stands in its queue besides is to run again anyway.
local function lost()
  return status == 'queued' and nowhere() or status == 'started' and not held() and not in_queue()
end

-- Back to its queue: a ghost, one in limbo, what a dead worker left, what is overdue, what waits for others in vain.
function actions.requeue()
  if status == 'queued' and not sure and (in_limbo() or nowhere()) then
    return unsure()
  elseif status == 'queued' and in_limbo() then
    redis.call('LREM', 'rq:queue:' .. queue .. ':intermediate', 0, id)
  elseif status == 'scheduled' then
    local due = redis.call('ZSCORE', 'rq:scheduled:' .. queue, id)
    if due and tonumber(due) > now or not due and not in_no_place() then
      return refused()
    elseif not due and not sure then
      return unsure()
    end
    take_out()
  elseif status == 'finished' then -- RQ's Repeat: it stands among the scheduled ones for its next run
    local due = redis.call('HEXISTS', key, 'repeats_left') == 1 and redis.call('ZSCORE', 'rq:scheduled:' .. queue, id)
    if not due or tonumber(due) > now then
      return refused()
    end
  elseif status == 'deferred' then
    if waits_for_some(id) then
      return refused()
    elseif not take_out() then
      if not in_no_place() then
        return elsewhere()
      elseif not sure then
        return unsure()
      end
    end
    -- Else RQ would enqueue it once more when one of them is retried and ends well.
    for _, awaited in ipairs(awaited_by(id)) do
      redis.call('SREM', key_of(awaited) .. ':dependents', id)
    end
  elseif not lost() then
    return refused()
  elseif status == 'started' and is_deep() and not sure then
    return unsure()
  end
  forget_runs()
  return start_over()
end

function actions.fail()
  if not lost() then
    return refused()
  elseif (status == 'queued' or is_deep()) and not sure then
    return unsure()
  end
  local again = status == 'started' and not asked_to_end() and retry_by_rq()
  if again then
    return again
  end
  local ttl = tonumber(redis.call('HGET', key, 'failure_ttl') or '') or 31536000
  forget_runs()
  leave_registries()
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
  enqueue_dependents(id, now_iso)
  return { 'done', status, 'failed' }
end

-- A key of another type would end the script in the middle of a change.
local function broken_key()
  local lane = action == 'clear' and argument or queue
  local types = { ['rq:queue:' .. lane] = 'list', ['rq:queue:' .. lane .. ':intermediate'] = 'list',
    ['rq:executions:' .. id] = 'zset', ['rq:canceled:' .. lane] = 'zset', ['rq:wip:' .. lane] = 'zset',
    ['rq:deferred:' .. lane] = 'zset', ['rq:scheduled:' .. lane] = 'zset', ['rq:failed:' .. lane] = 'zset',
    ['rq:finished:' .. lane] = 'zset', ['rq:queues'] = 'set', [key .. ':dependents'] = 'set',
    [dependencies_key(id)] = 'set' }
  if action == 'fail' then
    types['rq:results:' .. id] = 'stream'
  elseif action == 'move' then
    types['rq:queue:' .. argument] = 'list'
  end
  for name, expected in pairs(types) do
    local found = redis.call('TYPE', name).ok
    if found ~= 'none' and found ~= expected then
      return name
    end
  end
  return nil
end

local function write_it_down(answer)
  if call == '' then
    return ''
  end
  local detail = answer[4] or action == 'move' and argument or ''
  local fields = { 'job_id', id, 'ok', '1', 'state_before', answer[2], 'state_after', answer[3], 'call', call,
    'detail', detail, unpack(ARGV, 10) }
  local what = answer[3] == 'gone' and 'forget' or 'remember'
  return pcall(write_down, KEYS[2], KEYS[3], most, id, what, fields) and '' or 'unaudited'
end

local broken = (status or action == 'clear') and broken_key()
if broken then
  return { 'broken', status or 'orphan', status or 'orphan', broken }
end
local answer = (status or action == 'clear') and actions[action]() or { 'missing', '', '' }
if answer[1] ~= 'done' then
  return call ~= '' and done_before(KEYS[2], call, id) or answer
end
answer[4] = write_it_down(answer)
return answer

