-- Names of locks. Those that somebody has, the one whose lease ends first in front: nobody seems to renew it. Then,
-- when asked for, the others that were used lately, the newest first. Writes nothing.
-- KEYS[1]: all locks by the end of their use. ARGV: most of each kind; most to look at; what stands before a name in
-- a lock's key; '1' for idle ones too; then what a name may begin with (nothing: any).
-- Returns {those in use, the others, 1 when there may be more}.
local most, looks, prefix, idle = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
local more = 0
local clock = redis.call('TIME')
local now = string.format('%d', clock[1] * 1000)

local function seen(name)
  for place = 5, #ARGV do
    if string.sub(name, 1, #ARGV[place]) == ARGV[place] then
      return true
    end
  end
  return #ARGV < 5
end

local function pick(names, held)
  local found = {}
  if #names >= looks then
    more = 1
  end
  for _, name in ipairs(names) do
    if #found >= most then
      more = 1
      break
    elseif seen(name) then
      -- Whoever had it may have given it back before its lease was over: see lua/lock_quick_release.lua.
      local state = held and redis.pcall('HGET', prefix .. name, 'now')
      if not held or type(state) == 'string' and string.find(state, '\n', 1, true) then
        found[#found + 1] = name
      end
    end
  end
  return found
end

local held = pick(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'LIMIT', 0, looks), true)
if idle ~= '1' then
  return {held, {}, more}
end
local others = pick(redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', '-inf', 'LIMIT', 0, looks), false)
return {held, others, more}
