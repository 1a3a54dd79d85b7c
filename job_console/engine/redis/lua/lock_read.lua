-- What every lock script begins with: names, the server's clock, and the lock as it is.
--
-- locks/steps.py writes before this: names from redis/keys, numbers (milliseconds) from limits.py.
-- KEYS: the lock, a hash; its line; the list of all locks; what wakes this lease. Not named, because the line alone
--   knows who is next: what wakes that one.
-- ARGV: the lease's id; then each script's own.
-- Fields of the lock:
--   now           FENCE ENDED LONGEST GOOD LINE, and for each holder ID|END|TOKEN|SINCE|TERMS in a line of its own.
--                 FENCE is the newest token; ENDED how many leases did; LONGEST the longest hold; GOOD until when a
--                 lease may last before the list of all locks and the expiry of this hash must be written again; LINE
--                 1 when somebody may wait
--   waits:ID      ALIVE UNTIL|SINCE|TERMS of a waiter
--   past:0 to 9   HOW|ID|END|TOKEN|SINCE|TERMS of leases that ended, going round
--   turn          the last place that was given in the line
--   contended, gave_up, lapsed, forced: how often
-- TERMS are TTL|MODE|SLOTS|INFO, as the caller gave them. MODE is s (shared) or c (counted: at most SLOTS at once;
-- exclusive is 1). Times are milliseconds of this server.
-- The line is a zset: waiters by their turn. All locks are in another, by the end of their use.
local LOCK, LINE, LOCKS, WAKE, ID = KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1]
local clock = redis.call('TIME')
local NOW_US = clock[1] * 1000000 + clock[2]
local NOW = math.floor(NOW_US / 1000)
local now = redis.call('HGET', LOCK, 'now') or ''
