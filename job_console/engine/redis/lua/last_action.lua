-- The last thing that was done to a job here: {entry id, fields}, or nil.
-- KEYS: jobs by the last thing done to them (see record_action.lua); the trail. ARGV: the job.
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not at then
  return nil
end
at = string.format('%.0f', math.floor(tonumber(at) / 1000))
local found
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], at, at)) do
  for field = 1, #entry[2], 2 do
    if entry[2][field] == 'job_id' and entry[2][field + 1] == ARGV[1] then
      found = entry
    end
  end
end
return found
