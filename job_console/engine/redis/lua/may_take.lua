-- Which of its queues a worker may take work from. Stands behind held.lua.
-- KEYS: the holds, RQ's suspension, the workers that obey (zset: name to when it said so).
-- ARGV: the worker, seconds that a worker counts as one that obeys ('' : it said so a moment ago), its queues.
-- Returns 1 or 0 for each queue.
local HOLDS, SUSPENDED, OBEDIENT = unpack(KEYS)
local worker, kept = ARGV[1], tonumber(ARGV[2])
if kept then
  -- A full server takes no writes; the answer matters more.
  redis.pcall('ZADD', OBEDIENT, now, worker)
  redis.pcall('ZREMRANGEBYSCORE', OBEDIENT, '-inf', now - kept)
  redis.pcall('ZREMRANGEBYRANK', OBEDIENT, 0, -10001)
  redis.pcall('EXPIRE', OBEDIENT, kept)
end
local none, found = takes_nothing(HOLDS, SUSPENDED, worker), {}
for i = 3, #ARGV do
  found[i - 2] = (none or is_held(HOLDS, 'queue|' .. ARGV[i])) and 0 or 1
end
return found
