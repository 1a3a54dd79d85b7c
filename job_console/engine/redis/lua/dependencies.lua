-- Steps that other scripts begin with: jobs that wait for others, as RQ has them (Job.register_dependency,
-- Queue.enqueue_dependents). ENDS: states in which a job will not go on by itself.
local ENDS = { finished = true, failed = true, stopped = true, canceled = true }

local function key_of(job)
  return 'rq:job:' .. job
end

local function dependencies_key(job)
  return 'rq:job::' .. job .. ':dependencies' -- two colons: so does Job.dependencies_key
end

-- The ids that a record says it waits for.
local function awaited_by(job)
  local read, ids = pcall(cjson.decode, redis.call('HGET', key_of(job), 'dependency_ids') or '[]')
  return read and type(ids) == 'table' and ids or {}
end

local function status_of(job)
  local status = redis.pcall('HGET', key_of(job), 'status') -- an error: no hash, so no record
  return type(status) == 'string' and status or nil
end

-- Whether one of those that it waits for may still end well. Itself never does: its id was used again.
local function waits_for_some(job)
  for _, awaited in ipairs(awaited_by(job)) do
    local status = awaited ~= job and status_of(awaited)
    if status and not ENDS[status] then
      return true
    end
  end
  return false
end

-- The record lives as long as RQ lets one live that waits: its own time to live, if it has one.
local function let_live(job)
  local ttl = tonumber(redis.call('HGET', key_of(job), 'ttl') or '') or 0
  if ttl > 0 then
    redis.call('EXPIRE', key_of(job), ttl)
  else
    redis.call('PERSIST', key_of(job))
  end
  return ttl
end

local function put_in_queue(queue, job, front)
  redis.call('SADD', 'rq:queues', 'rq:queue:' .. queue)
  redis.call(front and 'LPUSH' or 'RPUSH', 'rq:queue:' .. queue, job)
end

local function wait_again(job, queue, now)
  local ttl = let_live(job)
  redis.call('ZADD', 'rq:deferred:' .. queue, ttl > 0 and now + ttl or '+inf', job)
  for _, awaited in ipairs(awaited_by(job)) do
    local dependents = key_of(awaited) .. ':dependents'
    -- Taken out and put in: a worker that is just ending that job watches the key, and must look once more.
    redis.call('SREM', dependents, job)
    redis.call('SADD', dependents, job)
    redis.call('SADD', dependencies_key(job), awaited)
  end
end

-- Whether all others that it waits for have ended well, or failed, or are gone.
local function waits_for_no_other(job, failed)
  for _, awaited in ipairs(redis.call('SMEMBERS', dependencies_key(job))) do
    local status = awaited ~= failed and status_of(awaited)
    if status and status ~= 'finished' and status ~= 'failed' then
      return false
    end
  end
  return true
end

-- Benches may share a Redis and not each other's queues (ACL).
local function may_use(queue)
  return type(redis.pcall('LLEN', 'rq:queue:' .. queue)) == 'number'
end

-- Those that wait for this one and may run after its failure (allow_failure of RQ's Dependency).
local function enqueue_dependents(failed, now_iso)
  for _, job in ipairs(redis.call('SMEMBERS', key_of(failed) .. ':dependents')) do
    local key = key_of(job)
    local record = redis.pcall('HMGET', key, 'status', 'allow_dependency_failures', 'origin', 'enqueue_at_front')
    local may_run = record[1] == 'deferred' and record[2] == '1' and record[3] and may_use(record[3])
    if may_run and waits_for_no_other(job, failed) then
      redis.call('ZREM', 'rq:deferred:' .. record[3], job)
      redis.call('HSET', key, 'status', 'queued', 'enqueued_at', now_iso)
      let_live(job)
      put_in_queue(record[3], job, record[4] == '1')
      redis.call('SREM', key_of(failed) .. ':dependents', job)
    end
  end
end

