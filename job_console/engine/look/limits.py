"""What a look, its survey and its cache may cost."""

from __future__ import annotations

#: Rows of a lane that a snapshot names; more than fit a screen would be read by nobody.
RUNNING_ROWS = 50
HEAD_ROWS = 8
#: At the other end of a lane: who came first stands there when newer ones are put in front.
TAIL_ROWS = 3
#: Of each lane, so many that have waited longest are remembered between two slices of the survey.
OLDEST_KEPT = 5
FAILURE_ROWS = 5
INTERMEDIATE_ROWS = 20
OVERDUE_ROWS = 10
DEFERRED_ROWS = 20
#: Job records read by one Lua call: about a millisecond of the server's time.
READ_CHUNK = 200
#: Jobs that deferred ones wait for: of each two fields are read, a few microseconds of the server's time.
AWAITED = 1_000
#: Larger pages cost the reader more than they show.
PAGE_SIZE_MAX = 500
#: Above this not even those: copying it would hold up Redis for milliseconds.
PAYLOAD_HEAD_BYTES = 4 * 1024 * 1024
#: Decoded payloads remembered per process; a payload never changes for one (id, created_at, length).
DECODED_CACHE = 5_000
#: An idle worker beats when its blocking pop times out, after worker_ttl - 15 = 405 s.
IDLE_HEARTBEAT_LATE_S = 450.0
#: Its record then has 75 s left to live, by the server's clock and whatever its worker_ttl; later it is late.
IDLE_LEFT_S = 30.0
#: That Redis lost its data is shown for so long; a process that has not looked for longer has no picture of before.
MEMORY_LOST_S = 3_600.0
#: Findings whose first sight sweeps remember; beyond, the youngest are left out.
PROOF_FINDINGS = 1_000
#: A burst of failures: at least so many failed, of so many that ended in this time, and this share of them.
BURST_S = 300.0
BURST_FAILED = 5
#: Connections of a server whose list is asked for: each is a line of it, so many a millisecond or two.
CLIENTS_LISTED = 1_000
#: What failed longer ago is history, not news.
KILLED_LATELY_S = 3600.0
#: The same work twice is everyday; five times for five minutes is somebody's loop.
DUPLICATES = 5
DUPLICATES_WAIT_S = 300.0
#: A worker forks and its job begins within this, also on a loaded host.
START_S = 10.0
FAILED_ROWS = 30
FINISHED_ROWS = 100
#: Jobs that failed and are asked whether they have ended well since: two chunks of records.
MADE_GOOD_IDS = 400
#: Equal payloads are looked for among the first of a lane, in chunks of so many jobs and bytes: each a millisecond.
REPEATED_ROWS = 500
REPEATED_CHUNK = 100
REPEATED_BYTES = 200_000
REPEATED_PAYLOAD_BYTES = 16 * 1024
#: History moves slowly, and the look must stay cheap.
USUAL_TTL_S = 60.0
#: Records looked at by one command: about half a millisecond of the server's time.
SURVEY_COUNT = 200
#: For more ids than this, reading such a list is cheaper.
LPOS_IDS = 20
#: Members of a list or registry read by one command: a fifth of a millisecond of the server's time.
LIST_CHUNK = 1_000
#: So many jobs may be canceled or moved while one chunk is read.
LIST_OVERLAP = 100
#: Ids that one walk through a long list looks for: as many may have been enqueued in the second of its head.
LIST_IDS = 20_000
SUSPECTS = 200
#: Ghosts that one process knows of; as many as one action takes. They are asked again every few seconds.
GHOSTS = 1_000
#: Queues and workers that RQ's own sets have lost: a bench has some dozen of each.
UNLISTED = 200
#: What is known of a duty's last time, and how often it failed.
SWEEP_KEPT_S = 86_400.0
#: What is due is moved within this by an idle host that looks after a bench; a look is one round trip.
DUTIES_EVERY_S = 1.0
#: While a scheduler's process has just gone, and another one may come.
DUTIES_SETTLES_S = 0.5
#: Not sooner again than this, whatever is due.
DUTIES_NAP_S = 0.05
#: Whether a duty of the sweep is due is asked this often: within two seconds one that is due is done.
DUTIES_SWEEPS_S = 1.5
#: Places that one turn looks at, each a script call of some 30 microseconds; those looked at longest ago first.
DUTIES_PLACES = 100
#: After a failure that nobody has thought of.
DUTIES_FAILED_S = 10.0
#: What it is in the midst of when its process goes is waited for so long.
DUTIES_ENDS_S = 5.0
PARKED_ROWS = 10
#: RQ's scheduler renews its lock each second, for 61 s; one that looks every minute, for two minutes.
MOVER_LOCK_MS = 120_000
#: Read every two seconds beside the looks, while something waits: of so many lanes, so many that wait in each, and so
#: many that ended last. Some milliseconds of this process, a few of the server.
PACE_LANES = 20
PACE_SAMPLES = 64
PACE_ENDED = 40
#: Remembered between two such readings.
PACE_WAITING_KEPT = 5_000
PACE_ENDED_KEPT = 1_000
#: A lane that has grown by so much since it was sampled: what came is like what ended in it lately, in so many parts.
PACE_GROWN = 1.25
#: By so much: it is read again with the next look already.
PACE_OUTGROWN = 2.0
PACE_GROWN_PARTS = 16
#: Runs of one method that count, of one lane, and gaps between two jobs that tell how long a worker needs between them.
PACE_RUNS = 40
PACE_LATELY = 100
PACE_GAPS = 5
#: Until that is known: a fork, and RQ's bookkeeping; and how far that may be wrong.
GAP_S = 0.05
GAP_SCATTER_UNKNOWN = 0.5
#: Intervals between two readings that are remembered; those of the last seconds count, more only for too few runs.
GAP_INTERVALS = 60
GAP_WINDOW_S = 20.0
GAP_RUNS = 40
#: How far gaps scatter from one interval to the next, as a part of them: at least and at most; told by so many of them.
GAP_SCATTER = (0.2, 0.6)
GAP_SCATTER_OF = 4
#: By fewer, or by one look alone.
GAP_SCATTER_UNSURE = 0.3
#: A gap that is so many times the median one holds something else.
GAP_OUTLIER = 6.0
#: What the last half hour was like moves slowly.
LATELY_TTL_S = 60.0
