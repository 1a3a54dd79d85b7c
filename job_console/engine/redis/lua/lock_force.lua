-- An operator settles it. Own ARGV: 'release' (those leases end, and the fence moves on) or 'extend', milliseconds, then
-- the tokens of the leases that are meant: whoever has it by now is left alone.
-- Answers the records of the leases it was done to.
local meant, done = {}, {}
for place = 4, #ARGV do
  meant[ARGV[place]] = true
end
for place = #holders, 1, -1 do
  local holder = holders[place]
  if meant[holder.token] then
    done[#done + 1] = record(holder)
    changed = true
    if ARGV[2] == 'release' then
      drop(place, 'forced', NOW)
    else
      -- No further than the longest lease there is.
      holder.ends = math.max(holder.ends, math.min(holder.ends + ARGV[3], NOW + DAY))
    end
  end
end
if ARGV[2] == 'release' and #done > 0 then
  redis.call('HINCRBY', LOCK, 'forced', #done)
  move_fence()
end
settle()
save()
return done
