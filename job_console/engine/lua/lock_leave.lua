-- Wait no longer. Own ARGV: '1' when a lock that was handed over just now is still wanted.
-- Answers {'held', token, since} when it was, else {'busy', {holders}}.
tidy()
local me = mine()
if me and me.kind == 'h' then
  if ARGV[4] == '1' then
    return confirm(me)
  end
  drop(ID, 'abandoned', NOW)
elseif me then
  redis.call('ZREM', QUEUE, ID)
  redis.call('HDEL', WHO, ID)
  redis.call('HINCRBY', META, 'gave_up', 1)
end
redis.call('DEL', WAKE .. ID)
settle()
return {'busy', holders()}
