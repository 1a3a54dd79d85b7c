-- Asks something of the present run of a job; where it is said so, tells its worker and writes both into the audit trail,
-- all in one step. Stands behind trail.lua.
-- KEYS: what is asked of it (hash: run, and a note per thing asked), its record, the trail, jobs by the last thing done
--   to them.
-- ARGV: what, the note (JSON object), TTL, the channel of its worker ('': it is told nothing), what it is told, most
--   entries of the trail; then the fields of the entry (none: the trail is left alone).
-- Returns {`asked`, `already` when the same was asked of this run before, or the status of a job that does not run; why
--   the trail has no entry ('': it has); how many heard what its worker is told}.
local ASKED, RECORD, TRAIL, JOBS = unpack(KEYS)
local what, channel, message, most = ARGV[1], ARGV[4], ARGV[5], tonumber(ARGV[6])
local status = redis.call('HGET', RECORD, 'status')
if status ~= 'started' then
  return { status or 'missing', '', 0 }
end
-- What takes nothing, a full server (noeviction) allows; and what a script began it lets it end. One that takes no
-- writes at all refuses this, and nobody is told.
redis.call('HDEL', ASKED, '')
local run = redis.call('HGET', RECORD, 'started_at') or ''
if redis.call('HGET', ASKED, 'run') ~= run then
  redis.call('DEL', ASKED)
  redis.call('HSET', ASKED, 'run', run)
end
local note, now = cjson.decode(ARGV[2]), redis.call('TIME')
note.at = tonumber(now[1])
local new = redis.call('HSETNX', ASKED, what, cjson.encode(note))
redis.call('EXPIRE', ASKED, ARGV[3])
local unaudited = ''
if #ARGV > 6 and (new == 1 or channel ~= '') then
  local audited = pcall(write_down, TRAIL, JOBS, most, ARGV[7], 'remember', { unpack(ARGV, 8) })
  unaudited = audited and '' or 'unaudited'
end
local heard = channel ~= '' and redis.call('PUBLISH', channel, message) or 0
return { new == 1 and 'asked' or 'already', unaudited, heard }
