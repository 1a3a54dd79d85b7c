-- Adds to counters of a hash that has a TTL and a most number of fields; what is beyond is counted together.
-- KEYS: the hash. ARGV: its TTL (seconds), its most fields, the field of what is beyond; then field and count of each.
local key, ttl, most, others = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3]
for i = 4, #ARGV, 2 do
  local known = redis.call('HEXISTS', key, ARGV[i]) == 1 or redis.call('HLEN', key) < most
  redis.call('HINCRBY', key, known and ARGV[i] or others, ARGV[i + 1])
end
redis.call('EXPIRE', key, ttl)
return 0
