-- Second part of transition_steps.lua: where a job stands, and how it is taken out of there.
--
-- Redis goes through a list from one of its ends, 15 ns an entry and more, and does nothing else meanwhile. Of a deep
-- queue nothing here goes through more than the half that is nearer, and that only to take out what is known to be in
-- it. What is not found where it ought to stand is looked for by whoever calls, in slices (jobs/deep_queues.py).

-- As policies/limits.py has it (LPOS_DEPTH).
local DEEP = 20000
-- Of a deep queue, so much of each end is looked at, and to both sides of where a job ought to stand.
local ENDS = 1000

local function place_at_an_end(list, length)
  local place = place_in(list, id, ENDS)
  if place then
    return place
  end
  for at, member in ipairs(redis.call('LRANGE', list, -ENDS, -1)) do
    if member == id then
      return math.max(length - ENDS, 0) + at - 1
    end
  end
  return nil
end

local function place_around(list, place)
  local first = math.max(place - ENDS, 0)
  for at, member in ipairs(redis.call('LRANGE', list, first, math.max(place, 0) + ENDS)) do
    if member == id then
      return first + at - 1
    end
  end
  return nil
end

-- When the job at this place was enqueued, or one that follows soon; nil: they have no records.
local function enqueued_around(list, place)
  for _, member in ipairs(redis.call('LRANGE', list, place, place + 9)) do
    local at = redis.pcall('HGET', 'rq:job:' .. member, 'enqueued_at')
    if type(at) == 'string' then
      return at
    end
  end
  return nil
end

-- Lanes are in the order in which their jobs came, nearly: so is found where one that came at this time ought to stand.
local function place_by_time(list, length, enqueued_at)
  local first, last = 0, length
  while last - first > 10 do
    local middle = math.floor((first + last) / 2)
    local theirs = enqueued_around(list, middle)
    if theirs and theirs < enqueued_at then
      first = middle
    else
      last = middle
    end
  end
  return first
end

-- Its place in a deep queue, from 0. nil: it is not there, or at another place than it ought to be.
local function place_in_deep(list, length)
  local place = place_at_an_end(list, length)
  if place then
    return place
  end
  local enqueued_at = redis.call('HGET', key, 'enqueued_at') or ''
  local from_end = string.match(absent, '^stands (-%d+)$') -- where the caller has found it
  if from_end then
    return place_around(list, length + tonumber(from_end))
  elseif enqueued_at ~= '' then
    return place_around(list, place_by_time(list, length, enqueued_at))
  end
  return nil
end

-- How many entries of it were removed from this list: all, or one of a deep one.
local function remove_from(list)
  local length = redis.call('LLEN', list)
  if length <= DEEP then
    return redis.call('LREM', list, 0, id)
  end
  local place = place_in_deep(list, length)
  return place and redis.call('LREM', list, place < length / 2 and 1 or -1, id) or 0
end

local function is_deep()
  return redis.call('LLEN', 'rq:queue:' .. queue) > DEEP
end

-- When it was enqueued last, and where: RQ and we write both with each enqueueing, so what is put into its queue by then
-- or later shows. (What is moved within its queue stands near an end of it.)
local function enqueued()
  return queue .. ' ' .. (redis.call('HGET', key, 'enqueued_at') or '')
end

-- A deep queue is gone through once for all jobs by whoever calls, and here at its ends only. A first call takes it for
-- absent, and does nothing but tell that it is unsure.
local function in_queue()
  local list = 'rq:queue:' .. queue
  if not is_deep() then
    return place_in(list, id, 0) ~= nil
  end
  return place_at_an_end(list, redis.call('LLEN', list)) ~= nil or sure and absent ~= enqueued()
end

-- The other queues that were named to this script: workers run what stands there, whatever its record says of its
-- origin (a queue that was renamed, an id that was put there by hand).
local function others()
  local lists = {}
  for place = 4, #KEYS do
    local list = KEYS[place]
    local is_queue = string.sub(list, 1, 9) == 'rq:queue:' and string.sub(list, -13) ~= ':intermediate'
    local is_target = action == 'move' and list == 'rq:queue:' .. argument
    if is_queue and not is_target and list ~= 'rq:queue:' .. queue and redis.call('TYPE', list).ok == 'list' then
      lists[#lists + 1] = list
    end
  end
  return lists
end

-- The other queue that holds it, and its place there; nil: none. Of a deep one only the head is looked at, and where the
-- caller has found it.
local function in_another_queue()
  local from_end, name = string.match(absent, '^elsewhere (-%d+) (.*)$')
  for _, list in ipairs(others()) do
    local place = place_in(list, id, DEEP)
    if not place and list == 'rq:queue:' .. (name or '') then
      place = place_around(list, redis.call('LLEN', list) + tonumber(from_end))
    end
    if place then
      return list, place
    end
  end
  return nil
end

local function nowhere()
  return not in_queue()
    and not place_in('rq:queue:' .. queue .. ':intermediate', id, 0)
    and not held()
    and not string.find(absent, '^elsewhere ')
    and not in_another_queue()
end

-- Nowhere that anything would bring it to run from, and no worker names it. (What has ended brings nothing to run.)
local function in_no_place()
  if redis.call('ZSCORE', 'rq:deferred:' .. queue, id) or redis.call('ZSCORE', 'rq:scheduled:' .. queue, id) then
    return false
  end
  return nowhere() and #running_entries(queue) == 0 and redis.call('EXISTS', 'rq:executions:' .. id) == 0
end

local function take_out_of_its_queue()
  local list = 'rq:queue:' .. queue
  if absent ~= '' and not in_queue() then
    return false
  elseif is_deep() then
    return remove_from(list) > 0
  end
  return redis.call('LREM', list, 0, id) > 0 -- one that stands there twice would run all the same
end

-- Where `take_out` found it: its own queue, or another one.
local stood_in = queue

local function take_out_of_another()
  local list, place = in_another_queue()
  if not list then
    return false
  end
  stood_in = string.sub(list, 10)
  return redis.call('LREM', list, place < redis.call('LLEN', list) / 2 and 1 or -1, id) > 0
end

-- Take it out of where its state says it stands; false when it is not there, or not where it ought to be.
local function take_out()
  if status == 'queued' then
    return take_out_of_its_queue() or take_out_of_another()
  elseif REGISTRY[status] then
    return redis.call('ZREM', REGISTRY[status] .. queue, id) > 0
  end
  return false
end

-- After `take_out`: whether it may stand in a deep queue all the same, so that the caller has to go through that.
local function may_stand()
  if status ~= 'queued' or absent == enqueued() then
    return false
  end
  for _, list in ipairs(others()) do
    if redis.call('LLEN', list) > DEEP then
      return true
    end
  end
  return is_deep()
end

-- The answer after `take_out`: a worker took it, or it is a ghost.
local function not_there()
  return may_stand() and unsure() or elsewhere()
end

