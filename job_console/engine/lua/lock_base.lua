-- What every lock script begins with: one lock's keys, the server's clock, and the steps that scripts share.
-- KEYS: meta (hash), held (zset: lease by its end), queue (zset: waiter by its turn), who (hash: lease or waiter),
--   last (list: leases that ended), index (zset: locks by last use), live (zset: locks by the end of their lease).
-- ARGV: the lock's name, the lease's id, the prefix of wake keys; then each script's own.
-- `who` holds h|TOKEN|SINCE|TTL|MODE|SLOTS|INFO of a holder and w|ALIVE UNTIL|SINCE|TTL|MODE|SLOTS|INFO of a waiter.
-- MODE is s (shared) or c (counted: at most SLOTS at once; exclusive is 1). Times are milliseconds of this server.
local META, HELD, QUEUE, WHO, LAST, INDEX, LIVE = unpack(KEYS)
local NAME, ID, WAKE = ARGV[1], ARGV[2], ARGV[3]
local HANDOVER, KEEP, LIVE_TTL, PAST_TTL, MOST = 3000, 10, 90000000, 86400000, 10000
local clock = redis.call('TIME')
local NOW_US = clock[1] * 1000000 + clock[2]
local NOW = math.floor(NOW_US / 1000)

local function plain(number)
  return string.format('%.0f', number)
end

local function parse(value)
  local kind, first, since, ttl, mode, slots, info = string.match(value, '^(%a)|(%d+)|(%d+)|(%d+)|(%a)|(%d+)|(.*)$')
  return {
    kind = kind, first = first, since = tonumber(since), ttl = tonumber(ttl), mode = mode, slots = tonumber(slots),
    info = info,
  }
end

local function written(kind, first, since, ttl, mode, slots, info)
  return table.concat({kind, first, plain(since), plain(ttl), mode, plain(slots), info}, '|')
end

local function mine()
  local value = redis.call('HGET', WHO, ID)
  return value and parse(value)
end

-- Keys live while the lock is used, and are remembered for a while after.
local function touch(alive_until)
  redis.call('PEXPIRE', HELD, LIVE_TTL)
  redis.call('PEXPIRE', WHO, LIVE_TTL)
  redis.call('PEXPIRE', META, PAST_TTL)
  -- These two, which all locks share, are looked after now and then: each lasts a day.
  local now_and_then = NOW % 10 == 0
  if redis.call('ZADD', INDEX, NOW, NAME) == 1 or now_and_then then
    redis.call('PEXPIRE', INDEX, PAST_TTL)
    redis.call('ZREMRANGEBYRANK', INDEX, 0, -MOST - 1)
  end
  if redis.call('ZADD', LIVE, alive_until, NAME) == 1 or now_and_then then
    redis.call('PEXPIRE', LIVE, PAST_TTL)
    redis.call('ZREMRANGEBYSCORE', LIVE, '-inf', NOW - 3600000)
  end
end

-- A lease ends: remember it among the last ones.
local function drop(id, how, at)
  local value = redis.call('HGET', WHO, id)
  redis.call('ZREM', HELD, id)
  redis.call('HDEL', WHO, id)
  if value then
    local lease = parse(value)
    redis.call('LPUSH', LAST, table.concat({how, id, lease.first, plain(lease.since), plain(at), lease.info}, '|'))
    redis.call('LTRIM', LAST, 0, KEEP - 1)
    redis.call('PEXPIRE', LAST, PAST_TTL)
    if at - lease.since > tonumber(redis.call('HGET', META, 'longest') or 0) then
      redis.call('HSET', META, 'longest', plain(at - lease.since))
    end
  end
  return value
end

-- Leases whose time is over end now, whoever looks.
local function tidy()
  local over = redis.call('ZRANGEBYSCORE', HELD, '-inf', NOW, 'WITHSCORES')
  for i = 1, #over, 2 do
    drop(over[i], 'lapsed', tonumber(over[i + 1]))
    redis.call('HINCRBY', META, 'lapsed', 1)
  end
end

local function fits(mode, slots)
  local count = redis.call('ZCARD', HELD)
  if count == 0 then
    return true
  end
  local now = redis.call('HMGET', META, 'mode', 'slots')
  return now[1] == mode and (mode == 's' or (count < slots and count < tonumber(now[2])))
end

-- The token grows also over a loss of all data: it is never behind the clock.
local function next_token()
  return plain(math.max(tonumber(redis.call('HGET', META, 'fence') or 0) + 1, NOW_US))
end

local function grant(id, lease_ms, ttl, mode, slots, info)
  local token = next_token()
  local strictest = slots
  if redis.call('ZCARD', HELD) > 0 then
    strictest = math.min(slots, tonumber(redis.call('HGET', META, 'slots') or slots))
  end
  redis.call('HSET', META, 'fence', token, 'mode', mode, 'slots', plain(strictest))
  redis.call('HINCRBY', META, 'acquired', 1)
  redis.call('ZADD', HELD, NOW + lease_ms, id)
  redis.call('HSET', WHO, id, written('h', token, NOW, ttl, mode, slots, info))
  touch(NOW + lease_ms)
  return token
end

-- Hand the lock to those who wait, in their order, while it fits. The dead are passed over; one that died a moment
-- ago holds it for no longer than HANDOVER, because only the woken can make a full lease of it.
local function settle()
  while true do
    local head = redis.call('ZRANGE', QUEUE, 0, 0)[1]
    if not head then
      return
    end
    local value = redis.call('HGET', WHO, head)
    local waiter = value and parse(value)
    if not waiter or waiter.kind ~= 'w' then
      redis.call('ZREM', QUEUE, head)
    elseif tonumber(waiter.first) < NOW then
      redis.call('ZREM', QUEUE, head)
      redis.call('HDEL', WHO, head)
    elseif fits(waiter.mode, waiter.slots) then
      redis.call('ZREM', QUEUE, head)
      grant(head, math.min(waiter.ttl, HANDOVER), waiter.ttl, waiter.mode, waiter.slots, waiter.info)
      redis.call('LPUSH', WAKE .. head, '1')
      redis.call('PEXPIRE', WAKE .. head, 60000)
    else
      return
    end
  end
end

-- What a caller who cannot have it is told: who has it, as id and record.
local function holders()
  local answer = {}
  for _, id in ipairs(redis.call('ZRANGE', HELD, 0, 9)) do
    answer[#answer + 1] = redis.call('HGET', WHO, id) or ''
  end
  return answer
end

-- A lease that was handed over becomes a whole one.
local function confirm(lease)
  local ends = math.max(tonumber(redis.call('ZSCORE', HELD, ID)), NOW + lease.ttl)
  redis.call('ZADD', HELD, ends, ID)
  redis.call('DEL', WAKE .. ID)
  touch(ends)
  return {'held', lease.first, plain(lease.since)}
end
