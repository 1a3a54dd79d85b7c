-- Which payloads stand several times among the first ids of a queue. Writes nothing.
-- KEYS[1]: the queue. ARGV: ids to look at, most bytes compared in all, largest payload compared (bytes),
--   fewest equal ones worth telling.
-- Returns {how many were compared, then per group: the first id, how many, the earliest enqueued_at}
local rows, bytes, largest, fewest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local groups, order, compared = {}, {}, 0
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, rows - 1)) do
  local key = 'rq:job:' .. id
  local length = redis.call('HSTRLEN', key, 'data')
  if length > bytes then
    break
  elseif length > 0 and length <= largest then
    bytes = bytes - length
    compared = compared + 1
    local record = redis.call('HMGET', key, 'data', 'enqueued_at')
    local hash = redis.sha1hex(record[1])
    local enqueued = record[2] or ''
    local group = groups[hash]
    if not group then
      groups[hash] = { id, 1, enqueued }
      order[#order + 1] = hash
    else
      group[2] = group[2] + 1
      if enqueued ~= '' and (group[3] == '' or enqueued < group[3]) then
        group[3] = enqueued
      end
    end
  end
end
local found = { compared }
for _, hash in ipairs(order) do
  if groups[hash][2] >= fewest then
    found[#found + 1] = groups[hash]
  end
end
return found
