-- Fingerprints of the payloads of some ids of a queue, to find the same work waiting several times. Writes nothing.
-- KEYS[1]: the queue. ARGV: first and last place, most bytes read in all, largest payload read (bytes).
-- Returns per payload: {id, SHA-1, enqueued_at}
local bytes, largest = tonumber(ARGV[3]), tonumber(ARGV[4])
local found = {}
for _, id in ipairs(redis.call('LRANGE', KEYS[1], ARGV[1], ARGV[2])) do
  local key = 'rq:job:' .. id
  local length = redis.call('HSTRLEN', key, 'data')
  if length > bytes then
    break
  elseif length > 0 and length <= largest then
    bytes = bytes - length
    local record = redis.call('HMGET', key, 'data', 'enqueued_at')
    found[#found + 1] = { id, redis.sha1hex(record[1]), record[2] or '' }
  end
end
return found
