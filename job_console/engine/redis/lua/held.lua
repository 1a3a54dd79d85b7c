-- Steps that other scripts begin with: whether somebody told a queue, a worker or all of them to take no work.
-- HOLDS: a hash, KIND|NAME to JSON with its end (s); see engine/operate.
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000

local function is_held(holds, place)
  local read, said = pcall(cjson.decode, redis.call('HGET', holds, place) or '')
  return read and type(said) == 'table' and type(said['until']) == 'number' and said['until'] > now
end

-- Whether this worker takes nothing at all.
local function takes_nothing(holds, suspended, worker)
  return redis.call('EXISTS', suspended) == 1 or is_held(holds, 'worker|' .. worker)
end
