-- Tells a worker something, once within a while, and writes that into the audit trail in the same step. Stands behind
-- trail.lua.
-- KEYS: that it was told, the trail, jobs by the last thing done to them.
-- ARGV: for how long it is not told again (s), its channel, the message, most entries of the trail; then the fields of
--   the entry.
-- Returns {1: it was told | 0: it was a moment ago, why the trail has no entry ('': it has)}.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return { 0, '' }
end
-- What takes nothing, a full server (noeviction) allows; and what a script began it lets it end. One that takes no
-- writes at all refuses this, and nobody is told.
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], 1, 'EX', ARGV[1])
local audited = pcall(write_down, KEYS[2], KEYS[3], tonumber(ARGV[4]), '', 'leave', { unpack(ARGV, 5) })
redis.call('PUBLISH', ARGV[2], ARGV[3])
return { 1, audited and '' or 'unaudited' }
