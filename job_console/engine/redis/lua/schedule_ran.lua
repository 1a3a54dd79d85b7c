-- Remembers how runs of schedules ended: the newest few of each, oldest first, `start,milliseconds,outcome;…`.
-- KEYS: the site's hash of runs.
-- ARGV: how many runs are kept of each, how many schedules, seconds that the hash is kept; then per run the id that all
--   runs of its schedule have, its start, and what to append.
-- A run that is known (by its start) is left as it was told first: by itself.
local kept, most, ttl = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 4, #ARGV, 3 do
  local id, start, item = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local before = redis.call('HGET', KEYS[1], id)
  local known = before and string.find(';' .. before, ';' .. start .. ',', 1, true)
  if not known and (before or redis.call('HLEN', KEYS[1]) < most) then
    local runs = {}
    for run in string.gmatch(before or '', '[^;]+') do
      runs[#runs + 1] = run
    end
    runs[#runs + 1] = item
    redis.call('HSET', KEYS[1], id, table.concat(runs, ';', math.max(1, #runs - kept + 1)))
  end
end
redis.call('EXPIRE', KEYS[1], ttl)
