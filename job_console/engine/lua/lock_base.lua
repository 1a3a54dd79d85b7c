-- The steps that lock scripts share, after lock_read.lua. Leases whose time is over end here; save() writes it all.
local holders, waiters, fields, changed = {}, {}, {}, false
local mode, slots, fence, acquired, ended, longest, expires =
  string.match(now, '^(%a) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)')
mode, slots, fence, acquired = mode or 'c', tonumber(slots or 1), tonumber(fence or 0), tonumber(acquired or 0)
ended, longest, expires = tonumber(ended or 0), tonumber(longest or 0), tonumber(expires or 0)
for id, ends, token, since, terms in string.gmatch(now, '\n([^|]+)|(%d+)|(%d+)|(%d+)|([^\n]*)') do
  holders[#holders + 1] = {id = id, ends = tonumber(ends), token = token, since = since, terms = terms}
end

local function plain(number)
  return string.format('%d', number)
end

local function put(field, value)
  fields[#fields + 1] = field
  fields[#fields + 1] = value
end

-- The caller's own lease, and its place among them.
local function holding()
  for place, holder in ipairs(holders) do
    if holder.id == ID then
      return holder, place
    end
  end
end

-- ALIVE UNTIL|SINCE|TERMS; '' of somebody who does not wait.
local function waiting(id)
  if not waiters[id] then
    waiters[id] = redis.call('HGET', LOCK, 'waits:' .. id) or ''
  end
  return waiters[id]
end

-- TOKEN|SINCE|TERMS
local function record(holder)
  return holder.token .. '|' .. holder.since .. '|' .. holder.terms
end

-- A lease ends: remember it among the last ones.
local function drop(place, how, at)
  local lease = table.remove(holders, place)
  local info = string.match(lease.terms, '^%d+|%a|%d+|(.*)$') or ''
  put('past:' .. ended % PAST, table.concat({how, lease.id, lease.token, lease.since, plain(at), info}, '|'))
  ended = ended + 1
  longest = math.max(longest, at - lease.since)
  changed = true
  return lease
end

local function fits(terms)
  if #holders == 0 then
    return true
  end
  local wanted, most = string.match(terms, '^%d+|(%a)|(%d+)|')
  return wanted == mode and (mode == 's' or (#holders < slots and #holders < tonumber(most)))
end

-- The token grows also over a loss of all data: it is never behind the clock.
local function move_fence()
  fence = math.max(fence + 1, NOW_US)
  changed = true
end

local function grant(id, lease, terms)
  local wanted, most = string.match(terms, '^%d+|(%a)|(%d+)|')
  slots = #holders == 0 and tonumber(most) or math.min(slots, tonumber(most))
  mode = wanted
  acquired = acquired + 1
  move_fence()
  holders[#holders + 1] = {id = id, ends = NOW + lease, token = plain(fence), since = plain(NOW), terms = terms}
end

local function forget_waiter(id)
  redis.call('ZREM', LINE, id)
  redis.call('HDEL', LOCK, 'waits:' .. id)
  waiters[id] = ''
  changed = true
end

-- Hand the lock to those who wait, in their order, while it fits; the dead are passed over. Returns who is first in
-- line then. Who came a moment ago gets the whole lease with the wake-up. Who has slept for longer may have died in
-- the line: it has HANDOVER to make a whole lease of it.
local function settle()
  while true do
    local head = redis.call('ZRANGE', LINE, 0, 0)[1]
    if not head then
      return nil
    end
    local alive, since, terms = string.match(waiting(head), '^(%d+)|(%d+)|(.*)$')
    if not alive or tonumber(alive) < NOW then
      forget_waiter(head)
    elseif fits(terms) then
      local lease = tonumber(string.match(terms, '^%d+'))
      if NOW - since > TRUSTED then
        lease = math.min(lease, HANDOVER)
      end
      forget_waiter(head)
      grant(head, lease, terms)
      redis.call('LPUSH', WAKE_PREFIX .. head, plain(fence) .. ' ' .. plain(lease))
      redis.call('PEXPIRE', WAKE_PREFIX .. head, 60000)
    else
      return head
    end
  end
end

-- What a caller who cannot have it is told of those who have it.
local function told()
  local answer = {}
  for place = 1, math.min(#holders, 10) do
    answer[place] = record(holders[place])
  end
  return answer
end

-- All the time there is from now on, but no less than an operator may have given it.
local function renew(holder, ttl)
  holder.ends = math.max(holder.ends, NOW + ttl)
  changed = true
end

-- What was handed over to the caller becomes a whole lease.
local function confirm(holder)
  renew(holder, tonumber(string.match(holder.terms, '^%d+')))
  redis.call('DEL', WAKE_PREFIX .. ID)
  return tonumber(holder.token)
end

local function list(ends)
  if redis.call('ZADD', LOCKS, ends, NAME) == 1 or NOW % 100 == 0 then
    redis.call('PEXPIRE', LOCKS, 2 * DAY)
    redis.call('ZREMRANGEBYSCORE', LOCKS, '-inf', NOW - DAY)
    redis.call('ZREMRANGEBYRANK', LOCKS, 0, -MOST - 1)
  end
end

local function save()
  local expire = false
  if changed then
    local lines, last = {}, NOW
    for place, holder in ipairs(holders) do
      lines[place] = string.format('\n%s|%d|%s', holder.id, holder.ends, record(holder))
      last = math.max(last, holder.ends)
    end
    -- A lock that was used a few times only is forgotten soon: there may be one for each customer.
    local keep = acquired < REGULAR and HOUR or DAY
    expire = expires < last + keep / 2
    expires = expire and last + keep or expires
    put('now', string.format('%s %d %d %d %d %d %d %d', mode, slots, fence, acquired, ended, longest, expires,
      redis.call('EXISTS', LINE)) .. table.concat(lines))
    list(last)
  end
  for first = 1, #fields, 1000 do
    redis.call('HSET', LOCK, unpack(fields, first, math.min(first + 999, #fields)))
  end
  if expire then
    redis.call('PEXPIREAT', LOCK, expires)
  end
end

for place = #holders, 1, -1 do
  if holders[place].ends <= NOW then
    drop(place, 'lapsed', holders[place].ends)
    redis.call('HINCRBY', LOCK, 'lapsed', 1)
  end
end
