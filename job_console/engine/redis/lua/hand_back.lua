-- Gives a job back to the head of its queue that a worker popped while somebody told it not to, or that it popped when
-- it was told to stop. Stands behind held.lua.
-- Only what still waits goes back: what was canceled or deleted since it was popped stays out.
-- KEYS: the holds, RQ's suspension, the job, its queue, the queue's intermediate list.
-- ARGV: the worker, the queue's name, the job's id, 1 when the worker stops.
-- Returns 1: it was given back; 0: it may run.
local HOLDS, SUSPENDED, JOB, QUEUE, INTERMEDIATE = unpack(KEYS)
local worker, queue, id, stopping = unpack(ARGV)
if stopping ~= '1' and not (takes_nothing(HOLDS, SUSPENDED, worker) or is_held(HOLDS, 'queue|' .. queue)) then
  return 0
end
if redis.call('HGET', JOB, 'status') ~= 'queued' then
  return 0
end
-- A client that got no answer sends the script again: then it stands near the head already.
for _, other in ipairs(redis.call('LRANGE', QUEUE, 0, 199)) do
  if other == id then
    return 1
  end
end
redis.call('LPUSH', QUEUE, id)
redis.call('LREM', INTERMEDIATE, 1, id)
return 1
