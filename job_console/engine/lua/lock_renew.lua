-- A lease that still runs gets its time anew; 1. One that is over stays over; 0. Own ARGV: its milliseconds.
local holder = holding()
if holder then
  renew(holder, tonumber(ARGV[2]))
else
  settle()
end
save()
return holder and 1 or 0
