-- Tells the desk's open pages that something changed, unless they were told a moment ago, or a process compares
-- fingerprints for them: then that one notifies them, and knows how new a snapshot must be.
-- KEYS: told lately; that process. ARGV: for how long they are left alone (ms), the message for Frappe's socket
--   process.
-- Returns 1 when it has to be told in another way: a user of Redis with few rights may not publish.
if redis.call('EXISTS', KEYS[2]) == 0 and redis.call('SET', KEYS[1], 1, 'NX', 'PX', ARGV[1]) then
  local answer = redis.pcall('PUBLISH', 'events', ARGV[2])
  if type(answer) == 'table' and answer.err then
    return 1
  end
end
return 0
