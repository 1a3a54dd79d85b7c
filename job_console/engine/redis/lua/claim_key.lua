-- Takes a unique key for a job that is about to be enqueued, unless a job with this key waits or runs.
-- Whoever has it is looked at each time: what ended, died, or was lost has nothing to say. Stands behind place_in.lua.
--
-- KEYS: the key (hash: job, at), what was refused (hash: id to JSON), the order of that (list: newest first), the
--   jobs that are tried again (zset); of the job itself its record, results and executions, and what was refused in its
--   favour. Not named, because the key and records alone know them: who has the key, its lane and its executions.
-- ARGV: the job's id, TTL of the key (s), how long enqueueing may take (ms), how deep a queue is searched,
--   `reuse` when the key is the job's own id, the holder that is known to be nowhere (or ''),
--   what to note when it is refused (JSON object without `of` and `at`), most notes, TTL of the notes (s), prefix of
--   the keys that count for each job what was refused in its favour.
-- Returns {verdict, holder}; verdict: taken | refused | unsure (it is nowhere: ask again, and in the end insist).
local KEY, REFUSED, ORDER, RETRIES = unpack(KEYS)
local id, ttl, grace, depth, reuse, insist = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5] == 'reuse', ARGV[6]
local note, most, note_ttl, favour = ARGV[7], tonumber(ARGV[8]), ARGV[9], ARGV[10]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local had = redis.call('HMGET', KEY, 'job', 'at')
local holder, at = had[1] or (reuse and id), tonumber(had[2] or 0)

local function leased(queue)
  local single = redis.call('ZSCORE', 'rq:wip:' .. queue, holder)
  if single and tonumber(single) * 1000 > now then
    return true
  end
  for _, execution in ipairs(redis.call('ZRANGE', 'rq:executions:' .. holder, 0, -1)) do
    local lease = redis.call('ZSCORE', 'rq:wip:' .. queue, holder .. ':' .. execution)
    if lease and tonumber(lease) * 1000 > now then
      return true
    end
  end
  return false
end

local function stands_in(queue)
  local name = 'rq:queue:' .. queue
  return place_in(name, holder, tonumber(depth))
    or redis.call('LLEN', name) > tonumber(depth) -- too far back to be looked for: it is taken for waiting
    or place_in(name .. ':intermediate', holder, tonumber(depth))
end

-- 'held', 'free' or 'nowhere'
local function state()
  local record = redis.call('HMGET', 'rq:job:' .. holder, 'status', 'origin')
  local status, queue = record[1], record[2] or ''
  if not status then
    return now - at < grace and 'held' or 'free' -- about to be enqueued, or gone
  elseif status == 'queued' then
    return stands_in(queue) and 'held' or 'nowhere'
  elseif status == 'started' then
    return leased(queue) and 'held' or 'nowhere'
  elseif status == 'deferred' or status == 'scheduled' or redis.call('ZSCORE', RETRIES, holder) then
    return 'held'
  end
  return 'free'
end

-- An id is used again: nothing of the one before may be taken for the new one, by RQ or by us.
local function forget()
  local queue = redis.call('HGET', 'rq:job:' .. id, 'origin')
  if queue then
    for _, name in ipairs({ 'finished', 'failed', 'canceled', 'scheduled', 'deferred', 'wip' }) do
      redis.call('ZREM', 'rq:' .. name .. ':' .. queue, id)
    end
    for _, execution in ipairs(redis.call('ZRANGE', 'rq:executions:' .. id, 0, -1)) do
      redis.call('ZREM', 'rq:wip:' .. queue, id .. ':' .. execution)
      redis.call('DEL', 'rq:execution:' .. id .. ':' .. execution)
    end
    redis.call('DEL', 'rq:job:' .. id, 'rq:results:' .. id, 'rq:executions:' .. id)
  end
end

local found = holder and state() or 'free'
if found == 'nowhere' and insist ~= holder then
  return { 'unsure', holder }
elseif found == 'held' then
  redis.call('EXPIRE', KEY, ttl)
  redis.call('INCR', favour .. holder)
  redis.call('EXPIRE', favour .. holder, note_ttl)
  if id ~= holder then
    local entry = cjson.decode(note)
    entry.of, entry.at = holder, now / 1000
    redis.call('HSET', REFUSED, id, cjson.encode(entry))
    redis.call('LPUSH', ORDER, id)
    while redis.call('LLEN', ORDER) > most do
      redis.call('HDEL', REFUSED, redis.call('RPOP', ORDER))
    end
    redis.call('EXPIRE', REFUSED, note_ttl)
    redis.call('EXPIRE', ORDER, note_ttl)
  end
  return { 'refused', holder }
end
if reuse then
  forget()
end
redis.call('HSET', KEY, 'job', id, 'at', now)
redis.call('EXPIRE', KEY, ttl)
return { 'taken', id }
