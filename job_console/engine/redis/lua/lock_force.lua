-- An operator settles it, and that is written into the audit trail in the same step. Stands behind trail.lua.
-- More KEYS: the trail, jobs by the last thing done to them.
-- Own ARGV: 'release' (those leases end, and the fence moves on) or 'extend', milliseconds, how many tokens, the tokens
-- of the leases that are meant (whoever has it by now is left alone); most entries of the trail, the job ('': none), and
-- the fields of the entry but for the state after.
-- Answers {the records of the leases it was done to, why the trail has no entry ('': it has, or nothing was done)}.
local meant, done, after = {}, {}, 5 + ARGV[4]
for place = 5, after - 1 do
  meant[ARGV[place]] = true
end
-- What takes nothing, a full server (noeviction) allows; and what a script began it lets it end.
redis.call('HDEL', LOCK, '')
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
local unaudited = ''
if #done > 0 then
  local state = #holders == 0 and 'free' or holders[1].mode == 's' and 'shared' or 'held'
  local entry, job = { 'state_after', state, unpack(ARGV, after + 2) }, ARGV[after + 1]
  local audited = pcall(write_down, KEYS[5], KEYS[6], tonumber(ARGV[after]), job, job == '' and 'leave' or 'remember', entry)
  unaudited = audited and '' or 'unaudited'
end
return { done, unaudited }
