-- Take the lock, or stand in line for it. Safe to repeat: the same id has one lease, one place in the line.
-- Own ARGV: ttl, mode, slots, info, milliseconds that the caller will wait still (0: not at all), longest nap.
-- Answers {'held', token, since}, {'wait', nap, place}, or {'busy', {holders}}.
local ttl, mode, slots, info = tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6]), ARGV[7]
local patience, longest_nap = tonumber(ARGV[8]), tonumber(ARGV[9])
tidy()
local me = mine()
if me and me.kind == 'w' then
  -- We are alive, however late.
  redis.call('HSET', WHO, ID, written('w', plain(NOW + 2000), me.since, ttl, mode, slots, info))
end
settle()
me = mine()
if me and me.kind == 'h' then
  return confirm(me)
end
if not me and redis.call('ZCARD', QUEUE) == 0 and fits(mode, slots) then
  return {'held', grant(ID, ttl, ttl, mode, slots, info), plain(NOW)}
end
if not me then
  redis.call('HINCRBY', META, 'contended', 1)
  if patience <= 0 then
    redis.call('PEXPIRE', META, PAST_TTL)
    return {'busy', holders()}
  end
end
if not redis.call('ZSCORE', QUEUE, ID) then
  redis.call('ZADD', QUEUE, redis.call('HINCRBY', META, 'turn', 1), ID)
end
-- Sleep until somebody wakes us; at the latest until the first lease is over (the line in order, not all at once).
local place = redis.call('ZRANK', QUEUE, ID) + 1
local first = redis.call('ZRANGE', HELD, 0, 0, 'WITHSCORES')[2]
local nap = math.min(patience, longest_nap, (first and first - NOW or 0) + 10 + math.min(5 * place, 1000))
redis.call('HSET', WHO, ID, written('w', plain(NOW + nap + 2000), me and me.since or NOW, ttl, mode, slots, info))
redis.call('PEXPIRE', QUEUE, LIVE_TTL)
redis.call('PEXPIRE', WHO, LIVE_TTL)
redis.call('PEXPIRE', META, PAST_TTL)
return {'wait', plain(nap), plain(place)}
