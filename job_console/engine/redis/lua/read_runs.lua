-- The outcomes RQ keeps of one job (at most 10), big values left behind. Writes nothing.
-- KEYS[1]: the results stream. ARGV: largest value, how much of a larger error is read (bytes).
-- Returns per outcome, newest first:
--   {entry id, type, error or its beginning | false, returned value | false, the error's length, the value's}
local max, head = tonumber(ARGV[1]), tonumber(ARGV[2])
local out = {}
for _, entry in ipairs(redis.pcall('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 10)) do
  local run = { entry[1], false, false, false, 0, 0 }
  for i = 1, #entry[2], 2 do
    local name, value = entry[2][i], entry[2][i + 1]
    if name == 'type' then
      run[2] = value
    elseif name == 'exc_string' then
      run[3], run[5] = #value <= max and value or string.sub(value, 1, head), #value
    elseif name == 'return_value' then
      run[4], run[6] = #value <= max and value, #value
    end
  end
  out[#out + 1] = run
end
return out
