-- A job whose method is paused is put away before it begins: it is due again when the pause ends. Stands behind held.lua.
-- KEYS: the holds, the jobs that this method keeps, the retries by when they are due, the job's progress.
-- ARGV: the place of the method's hold, the job, what to say while it waits (JSON), TTL of that (s), most jobs that are
--   known to be kept (further ones come back at the end all the same).
-- Returns 1: it is to park itself; 0: the method is not paused any more.
local HOLDS, KEPT, RETRIES, PROGRESS = unpack(KEYS)
local place, id, says, ttl, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
if not is_held(HOLDS, place) then
  return 0
end
local ends = cjson.decode(redis.call('HGET', HOLDS, place))['until']
if redis.call('SCARD', KEPT) < most then
  redis.call('SADD', KEPT, id)
  redis.call('EXPIRE', KEPT, math.ceil(ends - now) + 60)
end
redis.call('ZADD', RETRIES, ends, id)
redis.call('HSETNX', PROGRESS, 'done', '0')
redis.call('HSET', PROGRESS, 'parked', says)
redis.call('EXPIRE', PROGRESS, ttl)
return 1
