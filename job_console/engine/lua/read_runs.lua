-- The outcomes RQ keeps of one job (at most 10), big values left behind. Writes nothing.
-- KEYS[1]: the results stream. ARGV: largest value (bytes).
-- Returns per outcome, newest first: {entry id, type, error | false, returned value | false}
local max = tonumber(ARGV[1])
local out = {}
for _, entry in ipairs(redis.pcall('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 10)) do
  local run = { entry[1], false, false, false }
  for i = 1, #entry[2], 2 do
    local name, value = entry[2][i], entry[2][i + 1]
    if name == 'type' then
      run[2] = value
    elseif name == 'exc_string' and #value <= max then
      run[3] = value
    elseif name == 'return_value' and #value <= max then
      run[4] = value
    end
  end
  out[#out + 1] = run
end
return out
