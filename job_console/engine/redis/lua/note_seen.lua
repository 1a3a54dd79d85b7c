-- Notes what was last seen of a process, unless its run has ended meanwhile and taken its own notes away.
--
-- KEYS: the processes that let their stacks be read (hash: job to what is known of it), the note.
-- ARGV: the job, what was read of its process, the note's text, how long it is kept (seconds).
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
  redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
end
return 0
