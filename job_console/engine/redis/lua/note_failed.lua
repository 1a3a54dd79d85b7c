-- Notes in the index of failures what is known of one failed job of a lane, or that it is not failed any more.
-- Two that go through the same lane may both come here: whoever read something else than what stands there does nothing.
-- KEYS: the lane's failed jobs, its groups, the members of its new group, of its old one (the same where there is none).
-- ARGV: the job, what was known of it ('': nothing), what is ('': nothing), when it failed, its new group ('': none), what
--   is said of that group, its old group ('': none), seconds to live.
local jobs, groups, members, before = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, old, new, at, group, kind, old_group, ttl = unpack(ARGV)
if (redis.call('HGET', jobs, id) or '') ~= old then
  return 0
end
if old_group ~= '' and old_group ~= group then
  redis.call('ZREM', before, id)
  if redis.call('EXISTS', before) == 0 then
    redis.call('HDEL', groups, old_group)
  end
end
if new == '' then
  redis.call('HDEL', jobs, id)
  return 1
end
redis.call('HSET', jobs, id, new)
if redis.call('TTL', jobs) < 0 then
  redis.call('EXPIRE', jobs, ttl)
end
if group ~= '' then
  redis.call('ZADD', members, at, id)
  redis.call('EXPIRE', members, ttl)
  redis.call('HSET', groups, group, kind)
  redis.call('EXPIRE', groups, ttl)
end
return 1
