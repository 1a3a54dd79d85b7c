-- Publishes all policies of a site at once, unless somebody who read them later was quicker.
-- KEYS: the site's policies (hash), the index (hash: site to version).
-- ARGV: site, ticket, then field and value of each policy.
-- A ticket is taken before the policies are read (policies_ticket.lua); the policies that stay are those with the
-- highest. Returns 1, or 0 when a later one stands.
local standing = redis.call('HGET', KEYS[2], ARGV[1])
if standing and tonumber(standing) > tonumber(ARGV[2]) then
  return 0
end
redis.call('DEL', KEYS[1])
for i = 3, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1
