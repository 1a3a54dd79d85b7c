-- Takes back what a process said of itself, unless another run of the same job has said it anew.
--
-- KEYS[1]: the processes that let their stacks be read (hash: job to what is known of it).
-- ARGV: the job, what was read of it.
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
  return redis.call('HDEL', KEYS[1], ARGV[1])
end
return 0
