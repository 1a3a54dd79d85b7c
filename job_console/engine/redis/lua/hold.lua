-- Puts, replaces or lifts a hold, and writes that down in the same step. Stands behind trail.lua.
-- KEYS: the holds (hash), the trail, jobs by the last thing done to them, RQ's suspension, the jobs that a paused method
--   keeps, the retries by when they are due.
-- ARGV: put | lift, the place, the hold (JSON), its end (s), most holds, most entries of the trail; then the entry's
--   fields, without the states.
-- Returns {done | missing | full, what stood there ('' : nothing), why the trail has no entry ('' : it has)}.
local HOLDS, TRAIL, JOBS, SUSPENDED, KEPT, RETRIES = unpack(KEYS)
local action, place, text, ends, most, entries = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local bench = place == 'bench|'

-- What has ended is taken out by whoever comes next.
local last, count = 0, 0
local all = redis.call('HGETALL', HOLDS)
for i = 1, #all, 2 do
  local read, said = pcall(cjson.decode, all[i + 1])
  local until_s = read and type(said) == 'table' and tonumber(said['until'] or '')
  if not until_s or until_s <= now then
    redis.call('HDEL', HOLDS, all[i])
  elseif all[i] ~= place then
    last, count = math.max(last, until_s), count + 1
  end
end
local before = redis.call('HGET', HOLDS, place) or ''
if bench and before == '' and redis.call('EXISTS', SUSPENDED) == 1 then
  before = '{}' -- by `rq suspend`: nobody wrote down who
end

if action == 'put' then
  if count >= most then
    return { 'full', before, '' }
  end
  -- What takes nothing, a full server (noeviction) allows; and what a script began it lets it end.
  redis.call('HDEL', HOLDS, '')
  redis.call('HSET', HOLDS, place, text)
  last = math.max(last, ends)
  if bench then
    redis.call('SET', SUSPENDED, 1, 'PX', math.max(math.floor((ends - now) * 1000), 1))
  end
elseif before == '' then
  return { 'missing', '', '' }
else
  redis.call('HDEL', HOLDS, place)
  if bench then
    redis.call('DEL', SUSPENDED)
  end
end
if last > 0 then
  redis.call('EXPIRE', HOLDS, math.ceil(last - now) + 60)
end
-- The jobs that a paused method keeps are due when it ends.
for _, id in ipairs(redis.call('SMEMBERS', KEPT)) do
  if redis.call('ZSCORE', RETRIES, id) then
    redis.call('ZADD', RETRIES, action == 'put' and ends or now, id)
  end
end
if action == 'lift' then
  redis.call('DEL', KEPT)
else
  redis.call('EXPIRE', KEPT, math.ceil(ends - now) + 60)
end
local audited = pcall(write_down, TRAIL, JOBS, entries, '', 'leave', { unpack(ARGV, 7) })
return { 'done', before, audited and '' or 'unaudited' }
