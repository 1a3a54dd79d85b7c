-- Whether what a page shows of a lane has changed: one digest, for which no job is read.
-- KEYS: its queue, the jobs that run, its other registries. ARGV: rows of its head, and of what runs.
local seen = {}

-- What is of another type than its name says counts as nothing, as in a look.
local function see(...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' then
    answer = answer.err and '' or table.concat(answer, '\n')
  end
  seen[#seen + 1] = tostring(answer)
end

see('LLEN', KEYS[1])
see('LRANGE', KEYS[1], 0, ARGV[1] - 1)
see('ZRANGE', KEYS[2], 0, ARGV[2] - 1)
for at = 2, #KEYS do
  see('ZCARD', KEYS[at])
end
return redis.sha1hex(table.concat(seen, '\0'))
