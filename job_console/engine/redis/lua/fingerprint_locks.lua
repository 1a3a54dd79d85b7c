-- Whether what a page shows of locks has changed: one digest. See lock_read.lua for what a lock has.
-- KEYS: the list of all locks. ARGV: how many of them, what a lock's key begins with.
local seen = redis.call('ZREVRANGE', KEYS[1], 0, ARGV[1] - 1)
for at = 1, #seen do
  local lock = ARGV[2] .. seen[at]
  -- Its newest token, how many leases ended, and who waits; not until when: that moves all the time.
  local now = string.match(redis.call('HGET', lock, 'now') or '', '^%d+ %d+') or ''
  seen[at] = seen[at] .. ' ' .. now .. ' ' .. redis.call('HLEN', lock)
end
-- Renewals change their order.
table.sort(seen)
return redis.sha1hex(redis.call('ZCARD', KEYS[1]) .. table.concat(seen, '\0'))
