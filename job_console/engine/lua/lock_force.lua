-- An operator settles it. Own ARGV: 'release' (all leases end, and the fence moves on) or 'extend', milliseconds.
-- Answers the records of the leases it was done to.
tidy()
local done = {}
for _, id in ipairs(redis.call('ZRANGE', HELD, 0, -1)) do
  if ARGV[4] == 'release' then
    done[#done + 1] = drop(id, 'forced', NOW)
    redis.call('HINCRBY', META, 'forced', 1)
  else
    local ends = tonumber(redis.call('ZSCORE', HELD, id)) + tonumber(ARGV[5])
    redis.call('ZADD', HELD, ends, id)
    touch(ends)
    done[#done + 1] = redis.call('HGET', WHO, id)
  end
end
if ARGV[4] == 'release' and #done > 0 then
  redis.call('HSET', META, 'fence', next_token())
  redis.call('PEXPIRE', META, PAST_TTL)
end
settle()
return done
