-- Lets leases lapse, if they are still ours: each at the time when its work is due again.
-- KEYS: leases. ARGV: our token, then per lease its milliseconds from now on.
for i, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then
    redis.call('PEXPIRE', key, ARGV[i + 1])
  end
end
return redis.status_reply('OK')
