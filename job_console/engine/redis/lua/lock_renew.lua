-- A lease that still runs gets its time anew; 1. One that is over stays over; 0. Own ARGV: its milliseconds, its token:
-- the same caller may have been given the lock again by a message that arrived late.
local holder = holding()
local same = holder and holder.token == ARGV[3]
if same then
  renew(holder, tonumber(ARGV[2]))
else
  settle()
end
save()
return same and 1 or 0
