-- KEYS: a unique key (see claim_key.lua). ARGV: the job that is done with it.
if redis.call('HGET', KEYS[1], 'job') == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
