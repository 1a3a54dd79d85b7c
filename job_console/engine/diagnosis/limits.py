"""Thresholds of the detectors."""

from __future__ import annotations

#: A supervisor starts a worker again within this.
SHRANK_S = 30.0
#: Reasons that it gives.
REASONS_SHOWN = 10
#: Work that has just come has a moment to start; a tick may be late by so much.
HEADLINE_START_S = 10.0
#: A server that started so lately without data may have lost some.
REDIS_YOUNG_S = 600.0
#: What may be a race must still be true this much later before it becomes a warning.
PROOF_S = 3.0
#: A worker is between two jobs for a moment: it says that it is busy and names none.
BUSY_ALONE_S = 3.0
#: A worker pops right after it has begun; its first maintenance may come before that.
BEGUN_S = 5.0
#: Workers restart in a deploy; a lane without any is news only when work has waited this long.
NO_WORKERS_WAIT_S = 20.0
#: SIGALRM fires at the timeout; RQ's parent kills at timeout + 60 s. Roll-back and logging take a moment.
TIMEOUT_GRACE_S = 30.0
TIMEOUT_NEAR_SHARE = 0.8
#: A record younger than this may stand between two of RQ's steps.
GHOST_AGE_S = 5.0
BURST_RUNS = 10
BURST_SHARE = 0.3
#: A lane's patience is the timeout of the job at its head: who waits longer than it may run has waited too long.
#: At least this, since lanes of 60 s jobs fill and drain in minutes.
STARVED_MIN_S = 300.0
#: Near enough to the limit that the next burst is refused, far enough that there is time to act.
OVERLOADED_SHARE = 0.9
#: RQ's scheduler looks every second; Frappe has none, so any delay proves it. The margin is for clocks.
OVERDUE_S = 15.0
#: Where RQ's scheduler does look after the lane, it may be busy moving many.
OVERDUE_WITH_MOVER_S = 300.0
#: Fewer runs than these make no history; below a minute nobody cares; beyond twice the 99th percentile it is no
#: longer the tail of what is usual (a bucket is 26 % wide).
OVERRUN_RUNS = 10
OVERRUN_MIN_S = 60.0
#: A worker subscribes to its commands right after it has registered.
BORN_S = 10.0
#: RQ 2 tries to subscribe again a minute apart at most, after Redis was away.
SUBSCRIBE_S = 120.0
#: An idle worker pops at once. One that has been blocked this long beside work as old does not get any more.
IDLE_DEAF_S = 60.0
REDIS_NEAR_SHARE = 0.9
#: A server that may evict starts before it is full: keys differ in size.
REDIS_EVICTS_SHARE = 0.75
#: Of the connections that the server gives at most: beyond it some process is about to be refused.
REDIS_CLIENTS_SHARE = 0.9
#: What runs a job ends with the job's timeout and this: RQ kills a process then that its alarm did not interrupt.
LEASE_GRACE_S = 60.0
#: What was read longer ago proves nothing any more: an open desk asks once a minute, and jobs that end twice.
SCHEDULE_FRESH_S = 120.0
PLACE_HOLDERS = 5
#: Jobs that a warning about many names.
GROUP_IDS = 20
#: Workers whose jobs one sentence names; more would not be read.
NAMED_WORKERS = 3
#: Nobody waits for less.
AT_ONCE_S = 2.0
#: A lock is held too long beyond this and three times its longest hold so far; a holder that renews never lapses.
LOCK_OVERHELD_S = 600.0
LOCK_OVERHELD_FACTOR = 3.0
#: Fewer acquisitions than these make no history.
LOCK_HISTORY = 10
#: A holder that lives renews after a third of its lease.
LOCK_SILENT_SHARE = 0.5
#: Somebody who has stood in line this long is somebody's complaint.
LOCK_CONTENDED_WAIT_S = 60.0
#: The end of a waiting job's record is worth a sentence when it is so near.
DROPPED_SOON_S = 86_400.0
#: A schedule that usually ends well: so many of its runs did in the last weeks, and this share of all.
SCHEDULE_WELL = 5
SCHEDULE_WELL_SHARE = 0.9
