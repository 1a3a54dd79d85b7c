-- One page of the survey: records that could be ghosts. Writes nothing.
-- ARGV: SCAN's cursor and count; lanes (JSON: name → records enqueued later than this ISO second are in order there,
--   "" when none is known to be).
-- Returns {next cursor, {id, status, queue, enqueued_at} per record, queues of waiting jobs that are none of these lanes}
local PREFIX = 'rq:job:'
local lanes = cjson.decode(ARGV[3])
local page = redis.call('SCAN', ARGV[1], 'MATCH', PREFIX .. '*', 'COUNT', ARGV[2])
local found, strange, seen = {}, {}, {}
for _, key in ipairs(page[2]) do
  local record = redis.pcall('HMGET', key, 'status', 'origin', 'enqueued_at') -- an error: no hash, so no record
  local status, queue, enqueued_at = record[1], record[2] or '', record[3] or ''
  if status == 'queued' or status == 'started' then
    local latest = lanes[queue]
    if latest then
      if latest == '' or status == 'started' or string.sub(enqueued_at, 1, 19) <= latest then
        found[#found + 1] = { string.sub(key, #PREFIX + 1), status, queue, enqueued_at }
      end
    elseif status == 'queued' and not seen[queue] then
      seen[queue] = true
      strange[#strange + 1] = queue
    end
  end
end
return { page[1], found, strange }
