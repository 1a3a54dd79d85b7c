-- An operator settles it. Own ARGV: 'release' (all leases end, and the fence moves on) or 'extend', milliseconds.
-- Answers the records of the leases it was done to.
local done = told(#holders)
if ARGV[2] == 'extend' then
  for _, holder in ipairs(holders) do
    -- No further than the longest lease there is.
    holder.ends = math.max(holder.ends, math.min(holder.ends + ARGV[3], NOW + DAY))
    changed = true
  end
elseif #holders > 0 then
  redis.call('HINCRBY', LOCK, 'forced', #holders)
  move_fence()
  while #holders > 0 do
    drop(1, 'forced', NOW)
  end
end
settle()
save()
return done
