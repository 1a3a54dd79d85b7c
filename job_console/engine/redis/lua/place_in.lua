-- A step that other scripts begin with: the place of an id in a list, counted from 0; nil when it is not there.
-- `depth`: how many from the head are looked at; 0 for all.
-- LPOS came with Redis 6.0.6. RQ runs on older servers too, and there the list is read in slices.
local function place_in(list, id, depth)
  local place = redis.pcall('LPOS', list, id, 'MAXLEN', depth)
  if type(place) ~= 'table' then
    return place or nil
  elseif not string.find(place.err, 'nknown', 1, true) and not string.find(place.err, "can't run this command", 1, true) then
    return redis.call('LPOS', list, id, 'MAXLEN', depth) -- another error than "unknown command": it is raised here
  end
  local length = redis.call('LLEN', list)
  if depth > 0 then
    length = math.min(length, depth)
  end
  for start = 0, length - 1, 1000 do
    for at, member in ipairs(redis.call('LRANGE', list, start, math.min(start + 999, length - 1))) do
      if member == id then
        return start + at - 1
      end
    end
  end
  return nil
end

