-- Counts one run that has ended, and remembers it when it failed. Everything written has a TTL and a bound.
-- KEYS: the hashes that count it, each with fields of JSON {lane: {counter: count}};
--   what ran on the run's site in this hour (field: method, after @ when it was scheduled; value: count);
--   when what last ended well there (field: method; value: seconds);
--   then, for a failure only: the index of failures (site:method by the time of the newest one), and the list of these.
-- ARGV: lane, how many hashes; of each its field, its counters, its TTL, its most fields and its birth (see @born; '':
--   it keeps none); then the field of what ran, its TTL and its most methods; when it ended well (seconds; '' when it did not), and the
--   TTL of that; then, for a failure only: its entry (JSON), now (seconds), most methods, most entries each, TTL,
--   site:method.
-- Counters: k ended well, f failed, t out of time, x:TYPE failed with it, s milliseconds that all of these ran; r, w:
--   ran (when it ended well) and waited for that bucket; R, W: the same in narrow buckets. Several as k,f,s=12.
-- @born: which life of the hash it is. One that was lost and is counted anew has another one.
local lane, hashes = ARGV[1], tonumber(ARGV[2])
local OTHERS, KINDS, BORN = '(other)', 8, '@born'

local function raise(counters, name, by)
  if string.sub(name, 1, 2) == 'x:' and not counters[name] then
    local kinds = 0
    for known in pairs(counters) do
      if string.sub(known, 1, 2) == 'x:' then kinds = kinds + 1 end
    end
    if kinds >= KINDS then name = 'x:' .. OTHERS end
  end
  counters[name] = (counters[name] or 0) + by
end

local function count(key, field, raised, ttl, most, born)
  local packed = redis.call('HGET', key, field)
  local fields = packed and 1 or redis.call('HLEN', key)
  if not packed and fields >= tonumber(most) then
    field = OTHERS
    packed = redis.call('HGET', key, field)
  end
  local lanes = packed and cjson.decode(packed) or {}
  local counters = lanes[lane] or {}
  for name, by in string.gmatch(raised, '([^,=]+)=?(%d*)') do
    raise(counters, name, tonumber(by) or 1)
  end
  lanes[lane] = counters
  redis.call('HSET', key, field, cjson.encode(lanes))
  if not packed then
    redis.call('EXPIRE', key, ttl)
    if fields == 0 and born ~= '' then redis.call('HSET', key, BORN, born) end
  end
end

for number = 1, hashes do
  local at = 5 * number - 2
  count(KEYS[number], ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
end

local rest = 5 * hashes + 2
local ran, well = KEYS[hashes + 1], KEYS[hashes + 2]
local field, ran_ttl, most_methods = ARGV[rest + 1], ARGV[rest + 2], tonumber(ARGV[rest + 3])
if redis.call('HEXISTS', ran, field) == 1 or redis.call('HLEN', ran) < most_methods then
  redis.call('HINCRBY', ran, field, 1)
  redis.call('EXPIRE', ran, ran_ttl)
end

if ARGV[rest + 4] ~= '' then
  local method = ARGV[3]
  local known = redis.call('HEXISTS', well, method) == 1 or redis.call('HLEN', well) < most_methods
  redis.call('HSET', well, known and method or OTHERS, ARGV[rest + 4])
  redis.call('EXPIRE', well, ARGV[rest + 5])
end

local entry = ARGV[rest + 6]
if entry then
  local now, methods, each = ARGV[rest + 7], tonumber(ARGV[rest + 8]), tonumber(ARGV[rest + 9])
  local ttl, failing = ARGV[rest + 10], ARGV[rest + 11]
  local index, list = KEYS[hashes + 3], KEYS[hashes + 4]
  redis.call('LPUSH', list, entry)
  redis.call('LTRIM', list, 0, each - 1)
  redis.call('EXPIRE', list, ttl)
  redis.call('ZADD', index, now, failing)
  redis.call('EXPIRE', index, ttl)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', tonumber(now) - tonumber(ttl))
  local surplus = redis.call('ZCARD', index) - methods
  if surplus > 0 then
    local popped = redis.call('ZPOPMIN', index, surplus)
    for i = 1, #popped, 2 do
      redis.call('DEL', index .. ':' .. redis.sha1hex(popped[i]))
    end
  end
end
