-- A number that grows with each call, also over a loss of everything in Redis. KEYS: the last one. ARGV: its TTL.
local clock = redis.call('TIME')
local ticket = clock[1] * 1000 + math.floor(clock[2] / 1000)
local last = tonumber(redis.call('GET', KEYS[1]) or 0)
ticket = string.format('%.0f', math.max(ticket, last + 1))
redis.call('SET', KEYS[1], ticket, 'EX', ARGV[1])
return ticket
