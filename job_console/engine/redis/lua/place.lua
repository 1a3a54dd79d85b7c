-- Places: at most so many runs at once of what shares a name. Who finds none stands in line, and is brought back to its
-- queue when one is free; what a dead holder had is free at once, because each holder is looked at before it counts.
--
-- KEYS: the holders (zset: job to when it began; below zero: a place is kept for it since then), the line (zset: site
--   to its turn: since when it stands there, or was served last), what is known of the place (hash: runs, turn), the
--   places that somebody waits for (zset: name to the last look), the retries (see retry_due.lua),
--   the processes that let their stacks be read (hash: job to what is known of it, see stacks/models.py), the set of
--   queues, what the job told of its progress, and who of its site waits. Not named, because the first two alone know
--   them: the holders' and the waiting jobs' records, workers, hosts, lanes and sites.
-- ARGV: take | leave | look, the name, prefix of the keys of the sites' waiting jobs (zset: job to when it was made),
--   TTL (s), how long a place is kept (s), now (ISO), the job;
--   take: its site, how many may run, when it was made (s), what to say while it waits (JSON).
-- Returns 1: it has a place, or nothing was asked for; 0: it is to wait.
local HOLDERS, LINE, ABOUT, WAITED, RETRIES, ARMED = unpack(KEYS)
local action, name, prefix, ttl, kept = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local now_iso, id = ARGV[6], ARGV[7]
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000

-- What a worker still names that runs nothing has ended without a word.
local function works(job, worker)
  if not worker or worker == '' then
    return false
  end
  local record = redis.call('HMGET', 'rq:worker:' .. worker, 'current_job', 'state')
  return record[1] == job and record[2] ~= 'idle' and record[2] ~= 'suspended'
end

-- Its worker is gone, but the reader of its host, which takes back what it does not find, still finds its process: a
-- horse goes on when its worker alone is killed, also after RQ has called the job abandoned.
local function works_on(job, worker)
  if worker and worker ~= '' and redis.call('EXISTS', 'rq:worker:' .. worker) == 1 then
    return false
  end
  local armed = redis.call('HGET', ARMED, job)
  local known, about = pcall(cjson.decode, armed or '')
  local host = known and type(about) == 'table' and tostring(about.host)
  return host and redis.call('EXISTS', 'rq:job_console:stack_reader:' .. host) == 1
end

local function holds(job, since)
  local record = redis.call('HMGET', 'rq:job:' .. job, 'status', 'worker_name')
  if record[1] == 'started' and works(job, record[2]) or works_on(job, record[2]) then
    return true
  end
  return since < 0 and now + since < kept and (record[1] == 'queued' or record[1] == 'scheduled')
end

local function forget_the_dead()
  local all = redis.call('ZRANGE', HOLDERS, 0, -1, 'WITHSCORES')
  for i = 1, #all, 2 do
    if not holds(all[i], tonumber(all[i + 1])) then
      redis.call('ZREM', HOLDERS, all[i])
    end
  end
end

local function leave_line(site, job)
  redis.call('ZREM', prefix .. site, job)
  if redis.call('EXISTS', prefix .. site) == 0 then
    redis.call('ZREM', LINE, site)
  end
end

-- What is said of a job that waits stands with its progress, which it may have told in an earlier run.
local function progress_of(job)
  return 'rq:job_console:progress:' .. job
end

local function waits_no_more(job)
  if redis.call('HEXISTS', progress_of(job), 'run') == 1 then
    redis.call('HDEL', progress_of(job), 'parked')
  else
    redis.call('DEL', progress_of(job))
  end
end

-- To the front of its queue: it has waited. False when it does not wait for a place any more.
local function bring(job)
  local record = redis.call('HMGET', 'rq:job:' .. job, 'status', 'origin', 'worker_name')
  if record[2] and type(redis.pcall('LLEN', 'rq:queue:' .. record[2])) ~= 'number' then
    redis.call('ZADD', RETRIES, now, job) -- another bench's queue, closed to us (ACL): its own sweep brings it
    return record[1] == 'scheduled'
  elseif record[1] == 'scheduled' and redis.call('ZREM', 'rq:scheduled:' .. record[2], job) > 0 then
    redis.call('HSET', 'rq:job:' .. job, 'status', 'queued', 'enqueued_at', now_iso, 'started_at', '', 'ended_at', '',
      'last_heartbeat', '', 'worker_name', '')
    redis.call('PERSIST', 'rq:job:' .. job)
    redis.call('SADD', 'rq:queues', 'rq:queue:' .. record[2])
    redis.call('LPUSH', 'rq:queue:' .. record[2], job)
    waits_no_more(job)
    return true
  elseif (record[1] == 'started' or record[1] == 'scheduled') and works(job, record[3]) then
    redis.call('ZADD', RETRIES, now, job) -- RQ is just putting it away: first its status, then among the scheduled ones
    return true
  end
  return false
end

-- One of each site in turn, the oldest of each first.
local function serve()
  local free = tonumber(redis.call('HGET', ABOUT, 'runs') or 0) - redis.call('ZCARD', HOLDERS)
  while free > 0 do
    local site = redis.call('ZRANGE', LINE, 0, 0)[1]
    local job = site and redis.call('ZRANGE', prefix .. site, 0, 0)[1]
    if not job then
      break
    end
    local comes = action == 'take' and job == id
    if comes or bring(job) then
      redis.call('ZADD', HOLDERS, comes and now or -now, job)
      redis.call('ZADD', LINE, redis.call('HINCRBY', ABOUT, 'turn', 1), site)
      free = free - 1
    end
    leave_line(site, job)
  end
end

local function remember()
  for _, key in ipairs({ HOLDERS, LINE, ABOUT }) do
    redis.call('EXPIRE', key, ttl)
  end
  for _, site in ipairs(redis.call('ZRANGE', LINE, 0, -1)) do
    redis.call('EXPIRE', prefix .. site, ttl)
  end
  if redis.call('EXISTS', LINE) == 1 then
    redis.call('ZADD', WAITED, now, name)
    redis.call('EXPIRE', WAITED, ttl)
  else
    redis.call('ZREM', WAITED, name)
  end
end

forget_the_dead()
if action == 'take' then
  local site, runs, made, says, progress = ARGV[8], ARGV[9], ARGV[10], ARGV[11], progress_of(id)
  redis.call('HSET', ABOUT, 'runs', runs)
  if redis.call('ZSCORE', HOLDERS, id) then
    redis.call('ZADD', HOLDERS, now, id)
  else
    redis.call('ZADD', prefix .. site, made, id)
    if not redis.call('ZSCORE', LINE, site) then
      -- Behind those who wait: who leaves the line and comes back would else always go first.
      redis.call('ZADD', LINE, redis.call('HINCRBY', ABOUT, 'turn', 1), site)
    end
    serve()
  end
  remember()
  if redis.call('ZSCORE', HOLDERS, id) then
    waits_no_more(id)
    return 1
  end
  redis.call('HSETNX', progress, 'done', '0')
  redis.call('HSET', progress, 'parked', says)
  redis.call('EXPIRE', progress, ttl)
  return 0
end
if action == 'leave' then
  redis.call('ZREM', HOLDERS, id)
end
serve()
remember()
return 1
