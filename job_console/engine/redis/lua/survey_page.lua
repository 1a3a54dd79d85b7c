-- One page of the survey: records that could be ghosts, and deferred ones that seem to wait in vain. Writes nothing.
-- ARGV: SCAN's cursor and count; lanes (JSON: name → records enqueued later than this ISO second are in order there,
--   "" when none is known to be); what the names of the bench's own queues begin with.
-- Returns {next cursor, {id, status, queue, enqueued_at} per record, queues of jobs that are none of these lanes (RQ
--   before 2 lists a queue only when a job waits in it), how many records say that they wait in these lanes}
local PREFIX = 'rq:job:'
local lanes, prefix = cjson.decode(ARGV[3]), ARGV[4]
local page = redis.call('SCAN', ARGV[1], 'MATCH', PREFIX .. '*', 'COUNT', ARGV[2])
local found, strange, seen, waiting = {}, {}, {}, 0

-- A queue that RQ's own set does not list any more (it was deleted, or the set was lost) has ghosts like any other.
local function latest_of(queue)
  return lanes[queue] or (queue ~= '' and string.sub(queue, 1, #prefix) == prefix and '') or nil
end
local ENDED_BADLY = { failed = true, stopped = true, canceled = true }

-- Whether none of what it waits for can still enqueue it: one ended in a way that it may not, or all have ended (or are
-- gone: RQ passes over those). Of one that waits for hundreds, so many are asked.
local ASKED = 10
local function dependency_unmet(key)
  local read, awaited = pcall(cjson.decode, redis.call('HGET', key, 'dependency_ids') or '')
  if not read or type(awaited) ~= 'table' or #awaited == 0 then
    return false
  end
  local allows, ended = redis.call('HGET', key, 'allow_dependency_failures') == '1', 0
  for place = 1, math.min(#awaited, ASKED) do
    local status = redis.pcall('HGET', PREFIX .. tostring(awaited[place]), 'status')
    if ENDED_BADLY[status] and not (allows and status == 'failed') then
      return true
    end
    ended = ended + ((not status or status == 'finished' or status == 'failed') and 1 or 0)
  end
  return ended == #awaited
end

for _, key in ipairs(page[2]) do
  local record = redis.pcall('HMGET', key, 'status', 'origin', 'enqueued_at') -- an error: no hash, so no record
  local status, queue, enqueued_at = record[1], record[2] or '', record[3] or ''
  if status and not lanes[queue] and not seen[queue] and latest_of(queue) then
    seen[queue] = true
    strange[#strange + 1] = queue
  end
  if status == 'queued' or status == 'started' then
    local latest = latest_of(queue)
    if latest then
      waiting = waiting + (lanes[queue] and status == 'queued' and 1 or 0)
      if latest == '' or status == 'started' or string.sub(enqueued_at, 1, 19) <= latest then
        found[#found + 1] = { string.sub(key, #PREFIX + 1), status, queue, enqueued_at }
      end
    end
  elseif status == 'deferred' and latest_of(queue) and dependency_unmet(key) then
    found[#found + 1] = { string.sub(key, #PREFIX + 1), status, queue, enqueued_at }
  end
end
return { page[1], found, strange, waiting }
