-- Counts one run that has ended, and remembers it when it failed. Everything written has a TTL and a bound.
-- KEYS: the hashes of the run's minute, hour and day (field: method, value: JSON {lane: {counter: count}});
--   what ran on the run's site in this hour (field: method, after @ when it was scheduled; value: count);
--   when what last ended well there (field: method; value: seconds);
--   then, for a failure only: the index of failures (site:method by the time of the newest one), and the list of these.
-- ARGV: method, lane, counters to raise (comma-separated), then per period its TTL and its most methods; the field of
--   what ran, its TTL and its most methods; when it ended well (seconds; '' when it did not), and the TTL of that;
--   then, for a failure only: its entry (JSON), now (seconds), most methods, most entries each, TTL, site:method.
-- Counters: k ended well, f failed, t out of time, rN ran for bucket N (when it ended well), wN waited for bucket N.
local method, lane = ARGV[1], ARGV[2]
local OTHERS = '(other)'

local function count(key, ttl, most)
  local field = method
  local packed = redis.call('HGET', key, field)
  if not packed and redis.call('HLEN', key) >= tonumber(most) then
    field = OTHERS
    packed = redis.call('HGET', key, field)
  end
  local lanes = packed and cjson.decode(packed) or {}
  local counters = lanes[lane] or {}
  for name in string.gmatch(ARGV[3], '[^,]+') do
    counters[name] = (counters[name] or 0) + 1
  end
  lanes[lane] = counters
  redis.call('HSET', key, field, cjson.encode(lanes))
  if not packed then
    redis.call('EXPIRE', key, ttl)
  end
end

for period = 1, 3 do
  count(KEYS[period], ARGV[2 + 2 * period], ARGV[3 + 2 * period])
end

if redis.call('HEXISTS', KEYS[4], ARGV[10]) == 1 or redis.call('HLEN', KEYS[4]) < tonumber(ARGV[12]) then
  redis.call('HINCRBY', KEYS[4], ARGV[10], 1)
  redis.call('EXPIRE', KEYS[4], ARGV[11])
end

if ARGV[13] ~= '' then
  local known = redis.call('HEXISTS', KEYS[5], method) == 1 or redis.call('HLEN', KEYS[5]) < tonumber(ARGV[12])
  redis.call('HSET', KEYS[5], known and method or OTHERS, ARGV[13])
  redis.call('EXPIRE', KEYS[5], ARGV[14])
end

local entry, now, methods, each, ttl = ARGV[15], ARGV[16], tonumber(ARGV[17]), tonumber(ARGV[18]), ARGV[19]
if entry then
  redis.call('LPUSH', KEYS[7], entry)
  redis.call('LTRIM', KEYS[7], 0, each - 1)
  redis.call('EXPIRE', KEYS[7], ttl)
  redis.call('ZADD', KEYS[6], now, ARGV[20])
  redis.call('EXPIRE', KEYS[6], ttl)
  redis.call('ZREMRANGEBYSCORE', KEYS[6], '-inf', tonumber(now) - tonumber(ttl))
  local surplus = redis.call('ZCARD', KEYS[6]) - methods
  if surplus > 0 then
    local popped = redis.call('ZPOPMIN', KEYS[6], surplus)
    for i = 1, #popped, 2 do
      redis.call('DEL', KEYS[6] .. ':' .. redis.sha1hex(popped[i]))
    end
  end
end
