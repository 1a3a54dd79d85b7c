-- Says of a worker that has armed no job which process it is, unless one of its jobs has said more meanwhile.
--
-- KEYS: what is known of the worker's process (JSON: pid, parent, …; see stacks/liveness.py).
-- ARGV: its pid, what to say, for how long (s).
local read, said = pcall(cjson.decode, redis.call('GET', KEYS[1]) or '')
local pid = tonumber(ARGV[1])
if read and type(said) == 'table' and (said.pid == pid or said.parent == pid) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
