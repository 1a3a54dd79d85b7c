-- Reads job records in one round trip, with big values left behind. Writes nothing.
-- KEYS: the retries by when they are due; then per job, its hash, its results stream, its progress, what is asked of it,
--   its attempts so far, and why it failed although it is called finished. Where our user of Redis may not use our keys,
--   a hash stands in the place of each of ours.
-- ARGV: largest payload read whole, largest payload whose first bytes are read, largest error read whole, how much of a
--   larger one is read (all bytes), then the fields to read; the first field must be `status`.
-- Returns per job: false when there is no record, else
--   {field values …, payload length, payload or its first bytes | false,
--    newest result's id | false, its type | false, its error or the beginning of it | false, progress, what is asked of it (running and failed only),
--    its attempts so far | false, why it failed unseen (finished only) | false, the error's length,
--    when we bring it back to its lane (scheduled only) | false}
local whole, head, max_error, error_head = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local fields = {}
for i = 5, #ARGV do
  fields[i - 4] = ARGV[i]
end

local function payload(key, length)
  if length <= whole then
    return redis.call('HGET', key, 'data')
  elseif length <= head then
    return string.sub(redis.call('HGET', key, 'data'), 1, whole)
  end
  return false
end

local function newest_result(key)
  local entry = redis.pcall('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
  if not entry then
    return false, false, false, 0
  end
  local kind, err, size = false, false, 0
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'type' then
      kind = entry[2][i + 1]
    elseif entry[2][i] == 'exc_string' then
      err, size = entry[2][i + 1], #entry[2][i + 1]
      if size > max_error then
        err = string.sub(err, 1, error_head)
      end
    end
  end
  return entry[1], kind, err, size
end

-- What one of our own keys says of a job; `nothing` where we may not read it.
local function ours(command, k, place, nothing)
  if KEYS[k + place] == KEYS[k] then
    return nothing
  end
  return redis.call(command, KEYS[k + place])
end

local out = {}
for k = 2, #KEYS, 6 do
  local values = redis.pcall('HMGET', KEYS[k], unpack(fields))
  local length = values.err and 0 or redis.call('HSTRLEN', KEYS[k], 'data') -- a key of another type is no record
  if not values[1] and length == 0 then
    out[#out + 1] = false
  else
    local n = #fields
    values[n + 1] = length
    values[n + 2] = payload(KEYS[k], length)
    values[n + 3], values[n + 4], values[n + 5] = false, false, false
    local size = 0
    if values[1] == 'failed' or values[1] == 'stopped' then
      values[n + 3], values[n + 4], values[n + 5], size = newest_result(KEYS[k + 1])
    end
    values[n + 6] = ours('HGETALL', k, 2, {})
    values[n + 7] = (values[1] == 'started' or values[1] == 'failed') and ours('HGETALL', k, 3, {}) or {}
    values[n + 8] = ours('GET', k, 4, false)
    values[n + 9] = values[1] == 'finished' and ours('GET', k, 5, false)
    values[n + 10] = size
    values[n + 11] = values[1] == 'scheduled' and redis.pcall('ZSCORE', KEYS[1], string.sub(KEYS[k], 8))
    if type(values[n + 11]) == 'table' then
      values[n + 11] = false -- a key of another type
    end
    out[#out + 1] = values
  end
end
return out
