-- A group of failed jobs that is retried, one first: what becomes of it, in one step each. See failures/canary.py.
-- KEYS: all canaries by their last change, this one, its jobs that are left, those that are out, the canaries that go on.
--   Not named, because the list alone knows which jobs are next: their records, which are read.
-- ARGV: step, the canary's name, now, seconds to live, then what the step takes:
--   start: what it is (JSON), jobs a minute, failures that stop it, the jobs'; a former one of this name is forgotten
--   release: most that may be out, most at once; takes those out whose turn it is
--   settle: what ended, three each: the job, as it was out, `well`, `gone` or the fingerprint of its failure
--   cancel
-- Returns the state, of release behind it what was taken out: the job and its failed run, in turns; of cancel and start
--   behind it what the state was before.
local all, me, left, out, on = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local step, name, now, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local before = redis.call('HGET', me, 'state') or ''
local steps = {}

local function goes_on(state)
  return state == 'trying' or state == 'releasing'
end

local function number(field)
  return tonumber(redis.call('HGET', me, field) or '0')
end

local function enter(state, why)
  redis.call('HSET', me, 'state', state, 'why', why or '', 'changed_at', now)
  if goes_on(state) then
    redis.call('SADD', on, name)
  else
    redis.call('SREM', on, name)
    redis.call('DEL', left)
  end
end

function steps.start()
  if goes_on(before) then
    return { 'refused', before }
  end
  redis.call('DEL', me, left, out)
  redis.call('HSET', me, 'parameters', ARGV[5], 'rate', ARGV[6], 'stop_at', ARGV[7], 'total', #ARGV - 7, 'paced_at', now)
  for place = 8, #ARGV do
    redis.call('RPUSH', left, ARGV[place])
  end
  enter('trying')
  return { 'trying', before }
end

-- While it is tried, one; then by the minute. What could not be released in time is not made up for at once. Of those
-- that are out there are no more than twice those that ended well, or as many as may fail: else all of a fast release
-- might be out before the first of them fails.
local function turns(most_out, most)
  local still = redis.call('HLEN', out)
  if before == 'trying' then
    return still == 0 and 1 or 0
  end
  local rate, paced = number('rate'), number('paced_at')
  most_out = math.min(most_out, math.max(2 * number('well'), number('stop_at')))
  local due = math.floor((now - paced) * rate / 60 + 0.001) -- fractions of seconds are not exact
  local may = math.max(math.min(due, most, most_out - still), 0)
  if may > 0 then
    redis.call('HSET', me, 'paced_at', may < due and now or paced + may * 60 / rate)
  end
  return may
end

function steps.release()
  local answer = { before }
  if not goes_on(before) then
    return answer
  end
  local may = turns(tonumber(ARGV[5]), tonumber(ARGV[6]))
  while may > 0 do
    local id = redis.call('LPOP', left)
    if not id then
      break
    end
    local record = redis.call('HMGET', 'rq:job:' .. id, 'status', 'started_at', 'ended_at')
    if record[1] == 'failed' then
      local run = (record[2] or '') .. '|' .. (record[3] or '')
      redis.call('HSET', out, id, cjson.encode({ run, now, 0 }))
      redis.call('HINCRBY', me, 'released', 1)
      answer[#answer + 1], answer[#answer + 2] = id, run
      may = may - 1
    else
      redis.call('HINCRBY', me, 'passed', 1) -- somebody else was faster
    end
  end
  return answer
end

function steps.settle()
  local stopped = nil
  for place = 5, #ARGV, 3 do
    local id, was, verdict = ARGV[place], ARGV[place + 1], ARGV[place + 2]
    if redis.call('HGET', out, id) == was then
      redis.call('HDEL', out, id)
      if verdict == 'well' or verdict == 'gone' then
        redis.call('HINCRBY', me, verdict, 1)
      else
        redis.call('HINCRBY', me, 'failed', 1)
        local same = redis.call('HINCRBY', me, 'of:' .. verdict, 1)
        if before == 'trying' or same >= number('stop_at') then
          stopped = verdict
        end
      end
    end
  end
  if not goes_on(before) then
    return { before }
  elseif stopped then
    enter('stopped', stopped)
  elseif redis.call('LLEN', left) == 0 and redis.call('HLEN', out) == 0 then
    enter('done')
  elseif before == 'trying' and number('well') > 0 then
    redis.call('HSET', me, 'paced_at', now - 60 / number('rate'))
    enter('releasing')
  end
  return { redis.call('HGET', me, 'state'), before }
end

function steps.cancel()
  if goes_on(before) then
    enter('canceled')
  end
  return { goes_on(before) and 'canceled' or before, before }
end

local answer = steps[step]()
if redis.call('EXISTS', me) == 1 then
  if before ~= redis.call('HGET', me, 'state') or step == 'start' then
    redis.call('ZADD', all, now, name)
  end
  for _, key in ipairs({ all, me, left, out, on }) do
    redis.call('EXPIRE', key, ttl)
  end
end
redis.call('ZREMRANGEBYSCORE', all, '-inf', now - ttl)
return answer
