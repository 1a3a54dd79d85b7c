-- The steps that lock scripts share, after lock_read.lua. Leases whose time is over end here; save() writes it all.
local NAME = string.sub(LOCK, #LOCK_PREFIX + 1)
local holders, waiters, fields, changed = {}, {}, {}, false
local fence, ended, longest, good = string.match(now, '^(%d+) (%d+) (%d+) (%d+)')
fence, ended = tonumber(fence or 0), tonumber(ended or 0)
longest, good = tonumber(longest or 0), tonumber(good or 0)

local function add(id, ends, token, since, terms)
  local mode, slots = string.match(terms, '^%d+|(%a)|(%d+)|')
  holders[#holders + 1] =
    {id = id, ends = ends, token = token, since = since, terms = terms, mode = mode, slots = tonumber(slots)}
end

for id, ends, token, since, terms in string.gmatch(now, '\n([^|]+)|(%d+)|(%d+)|(%d+)|(%d+|%a|%d+|[^\n]*)') do
  add(id, tonumber(ends), token, since, terms)
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
  put('past:' .. ended % PAST, table.concat({how, lease.id, plain(at), record(lease)}, '|'))
  ended = ended + 1
  longest = math.max(longest, at - lease.since)
  changed = true
  return lease
end

-- Beside those who have it: all share it, or there are fewer than each of them allows.
local function fits(terms)
  local mode, slots = string.match(terms, '^%d+|(%a)|(%d+)|')
  if #holders == 0 then
    return true
  elseif mode == 's' or holders[1].mode == 's' then
    return mode == holders[1].mode
  end
  slots = tonumber(slots)
  for _, holder in ipairs(holders) do
    slots = math.min(slots, holder.slots)
  end
  return #holders < slots
end

-- The token grows also over a loss of all data: it is never behind the clock.
local function move_fence()
  fence = math.max(fence + 1, NOW_US)
  changed = true
end

local function grant(id, lease, terms)
  move_fence()
  add(id, NOW + lease, plain(fence), plain(NOW), terms)
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

-- The first of those who have it, for a caller who cannot.
local function first_holders()
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
  redis.call('DEL', WAKE)
  return tonumber(holder.token)
end

-- In the list of all locks it stands as in use until then; it is forgotten long after.
local function list(ends)
  good = ends
  redis.call('ZADD', LOCKS, ends, NAME)
  redis.call('ZREMRANGEBYSCORE', LOCKS, '-inf', NOW - DAY)
  redis.call('ZREMRANGEBYRANK', LOCKS, 0, -MOST - 1)
  redis.call('PEXPIRE', LOCKS, 2 * DAY)
end

local function save()
  local listed = good
  if changed then
    local lines, last = {}, NOW
    for place, holder in ipairs(holders) do
      lines[place] = string.format('\n%s|%d|%s', holder.id, holder.ends, record(holder))
      last = math.max(last, holder.ends)
    end
    if last > good then
      list(last + AHEAD)
    elseif good - last > LISTED then
      list(last)
    end
    put('now', string.format('%d %d %d %d %d', fence, ended, longest, good,
      redis.call('EXISTS', LINE)) .. table.concat(lines))
  end
  for first = 1, #fields, 1000 do
    redis.call('HSET', LOCK, unpack(fields, first, math.min(first + 999, #fields)))
  end
  if good ~= listed then
    -- A lock that was used a few times only is forgotten soon: there may be one for each customer.
    redis.call('PEXPIREAT', LOCK, good + (ended + #holders < REGULAR and HOUR or DAY))
  end
end

for place = #holders, 1, -1 do
  if holders[place].ends <= NOW then
    drop(place, 'lapsed', holders[place].ends)
    redis.call('HINCRBY', LOCK, 'lapsed', 1)
  end
end
