-- A lease that still runs gets its time anew; 1. One that is over stays over; 0. Own ARGV: milliseconds.
tidy()
local ends = redis.call('ZSCORE', HELD, ID)
if not ends then
  settle()
  return 0
end
-- Never shorter: an operator may have extended it.
ends = math.max(tonumber(ends), NOW + tonumber(ARGV[4]))
redis.call('ZADD', HELD, ends, ID)
touch(ends)
return 1
