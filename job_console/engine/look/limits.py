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
#: Larger pages cost the reader more than they show.
PAGE_SIZE_MAX = 500
#: Above this not even those: copying it would hold up Redis for milliseconds.
PAYLOAD_HEAD_BYTES = 4 * 1024 * 1024
#: Decoded payloads remembered per process; a payload never changes for one (id, created_at, length).
DECODED_CACHE = 5_000
#: An idle worker beats when its blocking pop times out, after worker_ttl - 15 = 405 s.
IDLE_HEARTBEAT_LATE_S = 450.0
#: That Redis lost its data is told for so long; a process that has not looked for longer has no picture of before.
MEMORY_LOST_S = 3_600.0
#: What sweeps have seen is forgotten when none came by for so long: two of Frappe's ticks and a margin.
PROOF_FORGET_S = 600.0
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
SURVEY_SECONDS = 0.05
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
PARKED_ROWS = 10
