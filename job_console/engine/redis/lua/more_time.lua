-- A worker that does not fork took its lease for the job's whole time at once: it gets the additional time, too.
-- KEYS: the running registry, the job's executions, the worker.
-- ARGV: job id, seconds.
local id, seconds = ARGV[1], tonumber(ARGV[2])

local function later(key, member)
  local score = redis.call('ZSCORE', key, member)
  if score then
    redis.call('ZADD', key, tonumber(score) + seconds, member)
  end
end

local function longer(key)
  local left = redis.call('PTTL', key)
  if left > 0 then
    redis.call('PEXPIRE', key, left + 1000 * seconds)
  end
end

later(KEYS[1], id) -- rq 1.x
for _, execution in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  later(KEYS[1], id .. ':' .. execution)
  later(KEYS[2], execution)
  longer('rq:execution:' .. id .. ':' .. execution)
end
longer(KEYS[2])
longer(KEYS[3])
