"""The reader of a host, and its samples."""

from __future__ import annotations

#: The reader of a host looks at its jobs' processes this often (/proc only: no job notices) ...
READER_LOOK_S = 5.0
#: ... and takes the stacks of those that have run for so long, this often: what a killed job leaves behind.
READER_STACKS_S = 30.0
#: It renews its key so often; the next job's hook starts another one when it has not for so long.
READER_ALIVE_S = 15.0
#: It looks this often whether the workers of its host are there: a killed one is to be noticed within five seconds ...
PRESENCE_LOOK_S = 1.5
#: ... of so many workers that Redis lists.
PRESENCE_WORKERS = 1_000
#: It measures their memory and its round trip to Redis this often, and what it has measured is shown for so long.
MEASURED_EVERY_S = 5.0
MEASURED_TTL_S = 30
#: What it found stays true (a process that ended never comes back), and is wanted until RQ's own records say the same:
#: the record of a worker that does not fork lives for up to 480 s.
PRESENCE_TTL_S = 600
#: A worker's process loads its framework, and then registers itself: within this, also on a loaded host ...
RECOGNISED_START_S = 120.0
#: ... and never before it began, but for clocks that are corrected.
RECOGNISED_CLOCK_S = 2.0
#: One that was killed before anybody looked at it registered itself no longer ago than this.
UNSEEN_S = 60.0
#: Connections of a server whose list is asked for: each is a line of it, so many a millisecond or two.
CLIENTS_LISTED = 1_000
#: It goes when its host has had no job for so long: starting it again costs a job some milliseconds.
READER_IDLE_S = 600.0
#: It goes when Redis has been away for so long: the bench was stopped.
READER_DEAF_S = 20.0
#: Sentinels take their time to agree on another primary: by default half a minute, and three when the first try fails.
READER_FAILOVER_S = 300.0
#: Who ends a reader waits for it at most so long.
READER_ENDS_S = 5.0
#: Two samples this far apart tell waiting from working.
SAMPLES_APART_S = 1.0
#: Whoever asks waits this long: two samples, a dump on a busy machine, py-spy, the way through Redis.
STACK_ANSWER_S = 8.0
#: A profile: a job is sampled for so long, so often, at most so many times (what it pays is in docs/where.md) ...
PROFILE_S = 5.0
PROFILE_EVERY_S = 0.05
PROFILE_SAMPLES = 100
#: ... and so many different stacks of it are told, those in which it was longest.
PROFILE_STACKS = 40
#: An entry that nobody took away: the longest of Frappe's jobs end within a day.
ARMED_TTL_S = 2 * 86_400
#: What was last seen of a job is kept as long as RQ keeps failures in Frappe's settings at most, in practice.
LAST_SEEN_TTL_S = 7 * 86_400
#: Jobs of one host that its reader looks at: far more than a host has workers.
READER_JOBS = 500
