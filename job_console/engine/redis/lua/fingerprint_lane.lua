-- Whether what a page shows of a lane has changed: one digest. Of jobs it reads the states of those that run.
-- KEYS: its queue, the jobs that run, its other registries.
--   Not named, because the registry alone knows which jobs run: their records, of which one field is read.
-- ARGV: rows of its head, and of what runs.
local seen = {}

-- The rows that it sees, if any. What is of another type than its name says counts as nothing, as in a look.
local function see(...)
  local answer = redis.pcall(...)
  local rows = {}
  if type(answer) == 'table' then
    rows = answer.err and {} or answer
    answer = table.concat(rows, '\n')
  end
  seen[#seen + 1] = tostring(answer)
  return rows
end

see('LLEN', KEYS[1])
see('LRANGE', KEYS[1], 0, ARGV[1] - 1)
for _, entry in ipairs(see('ZRANGE', KEYS[2], 0, ARGV[2] - 1)) do
  -- From rq 2 on an entry is JOB:EXECUTION, and the worker's forked process writes that it has started some time later.
  local id, execution = string.match(entry, '^(.*):(%x+)$')
  see('HGET', 'rq:job:' .. (execution and #execution == 32 and id or entry), 'status')
end
for at = 2, #KEYS do
  see('ZCARD', KEYS[at])
end
return redis.sha1hex(table.concat(seen, '\0'))
