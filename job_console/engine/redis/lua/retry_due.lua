-- Puts jobs whose next attempt is due into their queues. Stands behind circuit_held.lua.
-- What a job's own run left to RQ a moment ago may still be on its way: it is looked at again later. Whatever else
-- became of a job (canceled, deleted, run again by somebody) ends its retry.
--
-- KEYS: the retries by when they are due, the open circuits, the set of queues. Not named, because the first alone
--   knows which jobs are due: their records, lanes and circuits.
-- ARGV: now (ISO), how many to look at, seconds until one that is on its way is looked at again.
-- Returns how many were due.
local RETRIES = KEYS[1]
local now_iso, most, again = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000

-- Benches may share these retries and not each other's queues (ACL): another bench's job is its own sweep's to put back.
local function may_put_back(queue)
  return type(redis.pcall('LLEN', 'rq:queue:' .. queue)) == 'number'
end

-- The run that was judged is the job's last one.
local function judged(id, record)
  local text = redis.call('GET', 'rq:job_console:tries:' .. id)
  local read, said = pcall(cjson.decode, text or '')
  return read and type(said) == 'table' and said.born == record[3] and said.run == record[4]
end

-- The registry in which it waits for its next attempt; false when it does not.
local function waits_in(id, record)
  local status = record[1]
  if status == 'scheduled' or (status == 'failed' or status == 'finished') and judged(id, record) then
    local registry = 'rq:' .. status .. ':' .. record[2]
    return redis.call('ZSCORE', registry, id) and registry
  end
  return false
end

-- It failed a moment ago, and RQ has not put it where it belongs.
local function on_its_way(record)
  return record[1] == 'scheduled' or record[1] == 'started'
end

-- Its method fails every time, so it waits; but now and then one of them is tried. See circuit.lua.
local function held(id)
  local name = circuit_of(id)
  local text = name ~= '' and redis.call('HGET', CIRCUITS, name)
  if not text then
    return false
  end
  local HELD, circuit = HELD_BY .. name, cjson.decode(text)
  local waits = circuit.trial_at > now
  if waits then
    redis.call('SADD', HELD, id)
    redis.call('EXPIRE', HELD, 1296000) -- as long as what is remembered of it (limits.TRIES_TTL_S)
    redis.call('ZADD', RETRIES, circuit.trial_at, id)
  else
    redis.call('SREM', HELD, id)
    circuit.trial_at = now + circuit.every
  end
  circuit.held = redis.call('SCARD', HELD)
  redis.call('HSET', CIRCUITS, name, cjson.encode(circuit))
  return waits
end

-- Its method was paused: what was said of that is over.
local function waits_no_more(id)
  local progress = 'rq:job_console:progress:' .. id
  if redis.call('HEXISTS', progress, 'run') == 1 then
    redis.call('HDEL', progress, 'parked')
  elseif redis.call('HEXISTS', progress, 'parked') == 1 then
    redis.call('DEL', progress)
  end
end

local function put_back(id, queue)
  local key = 'rq:job:' .. id
  redis.call('HSET', key, 'status', 'queued', 'enqueued_at', now_iso, 'started_at', '', 'ended_at', '',
    'last_heartbeat', '', 'worker_name', '')
  redis.call('HDEL', key, 'exc_info')
  redis.call('PERSIST', key)
  redis.call('SADD', 'rq:queues', 'rq:queue:' .. queue)
  redis.call('RPUSH', 'rq:queue:' .. queue, id)
  waits_no_more(id)
  redis.call('ZREM', RETRIES, id)
end

local due = redis.call('ZRANGEBYSCORE', RETRIES, '-inf', now, 'LIMIT', 0, most)
for _, id in ipairs(due) do
  local record = redis.call('HMGET', 'rq:job:' .. id, 'status', 'origin', 'created_at', 'started_at')
  local registry = record[2] and waits_in(id, record)
  if registry and not may_put_back(record[2]) then
    registry = false -- left as it is
  elseif registry then
    -- Only what can run is asked about: nothing else may use up the trial.
    if not held(id) then
      redis.call('ZREM', registry, id)
      put_back(id, record[2])
    end
  elseif record[2] and on_its_way(record) then
    redis.call('ZADD', RETRIES, now + again, id)
  else
    redis.call('ZREM', RETRIES, id)
    leave_circuit(id)
  end
end
return #due
