-- Steps that other scripts begin with: the audit trail, written in the step that it tells of.

-- One entry, and when something was last done to this job: its time in ms * 1000 + its number within that millisecond,
-- so that among many done at once the oldest is forgotten first.
-- what: remember | forget | leave; fields: {name, value, …}.
local function write_down(trail, jobs, most, job, what, fields)
  local entry = redis.call('XADD', trail, 'MAXLEN', '~', most, '*', unpack(fields))
  if what == 'forget' then
    redis.call('ZREM', jobs, job)
  elseif what == 'remember' then
    local ms, number = string.match(entry, '^(%d+)-(%d+)$')
    redis.call('ZADD', jobs, string.format('%.0f', ms * 1000 + math.min(number, 999)), job)
    redis.call('ZREMRANGEBYRANK', jobs, 0, -most - 1)
  end
  return entry
end

-- What this call has done to this job already: its answer was lost on the way, and it was sent again. Only the newest
-- entries are looked at. Returns {done, state before, state after, ''} or nil.
local function done_before(trail, call, job)
  local entries = redis.pcall('XREVRANGE', trail, '+', '-', 'COUNT', 200)
  if entries.err then
    return nil
  end
  for _, entry in ipairs(entries) do
    local said = {}
    for place = 1, #entry[2], 2 do
      said[entry[2][place]] = entry[2][place + 1]
    end
    if said.call == call and said.job_id == job then
      return { 'done', said.state_before, said.state_after, '' }
    end
  end
  return nil
end

