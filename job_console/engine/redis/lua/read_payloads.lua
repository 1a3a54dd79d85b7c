-- Payloads of many jobs in one round trip. Writes nothing.
-- KEYS: job hashes. ARGV: largest payload (bytes).
-- Returns per job: the payload; an empty string when it is larger; false when there is no record.
local max = tonumber(ARGV[1])
local out = {}
for k = 1, #KEYS do
  local length = redis.pcall('HSTRLEN', KEYS[k], 'data')
  if type(length) == 'table' then
    out[k] = false -- a key of another type
  elseif length == 0 then
    out[k] = redis.call('EXISTS', KEYS[k]) == 1 and '' or false
  elseif length <= max then
    out[k] = redis.call('HGET', KEYS[k], 'data')
  else
    out[k] = ''
  end
end
return out
