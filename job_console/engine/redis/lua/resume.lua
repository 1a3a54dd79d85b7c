-- Ends a suspension, and writes that down in the same step. Stands behind trail.lua.
-- KEYS: the suspension; the trail; jobs by the last thing done to them; the holds, which say who suspended it.
-- ARGV: most entries of the trail; then the entry's fields.
-- Returns {1: it was suspended | 0, why the trail has no entry of it | ''}
if redis.call('DEL', KEYS[1]) == 0 then
  return { 0, '' }
end
redis.call('HDEL', KEYS[4], 'bench|')
local audited = pcall(write_down, KEYS[2], KEYS[3], tonumber(ARGV[1]), '', 'leave', { unpack(ARGV, 2) })
return { 1, audited and '' or 'unaudited' }
