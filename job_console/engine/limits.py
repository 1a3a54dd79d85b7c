"""Every threshold and bound of the engine, with its reason. Seconds and bytes unless the name says otherwise."""

from __future__ import annotations

# --- What a look may cost -------------------------------------------------------------------------------
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
#: One snapshot serves every viewer of a process for this long.
SNAPSHOT_TTL_S = 1.0
#: Job records read by one Lua call: about a millisecond of the server's time.
READ_CHUNK = 200
#: Larger pages cost the reader more than they show.
PAGE_SIZE_MAX = 500
#: Finding a deep page of one site's jobs means walking over the ids before it: a million of them in about a second.
SITE_PAGE_S = 2.0

# --- Payloads: somebody else's bytes ---------------------------------------------------------------------
#: A compressed payload above this is not read whole: its first bytes still name site, user and method.
PAYLOAD_BYTES = 64 * 1024
#: Above this not even those: copying it would hold up Redis for milliseconds.
PAYLOAD_HEAD_BYTES = 4 * 1024 * 1024
#: What it may inflate to: zlib can hide gigabytes in kilobytes, and each opcode costs us half a microsecond.
INFLATED_BYTES = 512 * 1024
#: Processor time to decode one; half a megabyte of honest opcodes takes a quarter of this.
DECODE_S = 1.0
#: Arguments are cut for the page: longest text, most items of a container, deepest nesting.
TEXT_CHARS = 500
ITEMS = 50
DEPTH = 6
#: Values shown of one job in all: lists that contain each other grow without end when written out.
VALUES = 1_000
TRACEBACK_CHARS = 20_000
ERROR_BYTES = 256 * 1024
#: Of a larger one (as RQ keeps it, packed) so much of its beginning is read: the frames, the type, most of the message.
ERROR_HEAD_BYTES = 64 * 1024
#: Decoded payloads remembered per process; a payload never changes for one (id, created_at, length).
DECODED_CACHE = 5_000
#: Arguments made fit to be shown, remembered per set of secret names: some screens full.
SHOWN_CACHE = 1_000
#: Names of arguments remembered per set of secret names: a bench uses some hundreds.
NAMES_CACHE = 2_000

# --- Heartbeats (rq: DEFAULT_JOB_MONITORING_INTERVAL 30 s, DEFAULT_WORKER_TTL 420 s) -----------------------
#: An idle worker beats when its blocking pop times out, after worker_ttl - 15 = 405 s.
IDLE_HEARTBEAT_LATE_S = 450.0

# --- What sweeps remember of the bench ---------------------------------------------------------------------
#: Workers, and for how long one is missed that died: after an hour the bench is what it is.
CREW = 200
CREW_KEPT_S = 3_600.0
#: A supervisor starts a worker again within this.
SHRANK_S = 30.0
#: That Redis lost its data is told for so long; a process that has not looked for longer has no picture of before.
MEMORY_LOST_S = 3_600.0

# --- Headline --------------------------------------------------------------------------------------------
#: Reasons that it gives.
REASONS_SHOWN = 10
#: Work that has just come has a moment to start; a tick may be late by so much.
HEADLINE_START_S = 10.0
#: A server that started so lately without data may have lost some.
REDIS_YOUNG_S = 600.0

# --- Detectors -------------------------------------------------------------------------------------------
#: What may be a race must still be true this much later before it becomes a warning.
PROOF_S = 3.0
#: A worker is between two jobs for a moment: it says that it is busy and names none.
BUSY_ALONE_S = 3.0
#: What sweeps have seen is forgotten when none came by for so long: two of Frappe's ticks and a margin.
PROOF_FORGET_S = 600.0
#: Findings whose first sight sweeps remember; beyond, the youngest are left out.
PROOF_FINDINGS = 1_000
#: Workers restart in a deploy; a lane without any is news only when work has waited this long.
NO_WORKERS_WAIT_S = 20.0
#: SIGALRM fires at the timeout; RQ's parent kills at timeout + 60 s. Roll-back and logging take a moment.
TIMEOUT_GRACE_S = 30.0
TIMEOUT_NEAR_SHARE = 0.8
#: Below this, 80 % of the timeout is a blink.
TIMEOUT_NEAR_MIN_S = 60.0
#: A record younger than this may stand between two of RQ's steps.
GHOST_AGE_S = 5.0

#: A burst of failures: at least so many failed, of so many that ended in this time, and this share of them.
BURST_S = 300.0
BURST_FAILED = 5
BURST_RUNS = 10
BURST_SHARE = 0.3

#: A lane's patience is the timeout of the job at its head: who waits longer than it may run has waited too long.
#: At least this, since lanes of 60 s jobs fill and drain in minutes.
STARVED_MIN_S = 300.0
#: Near enough to the wall that the next burst is refused, far enough that there is time to act.
OVERLOADED_SHARE = 0.9
#: RQ's scheduler looks every second; Frappe has none, so any delay proves it. The margin is for clocks.
OVERDUE_S = 15.0
#: Where RQ's scheduler does look after the lane, it may be busy moving many.
OVERDUE_WITH_MOVER_S = 300.0
#: Fewer runs than these make no history; below a minute nobody cares; beyond twice the 99th percentile it is no
#: longer the tail of what is usual (a bucket is 26 % wide).
OVERRUN_RUNS = 10
OVERRUN_MIN_S = 60.0
OVERRUN_FACTOR = 2.0
#: An idle worker pops at once. One that has been blocked this long beside work as old does not hear any more.
IDLE_DEAF_S = 60.0
#: Connections of a server whose list is asked for: each is a line of it, so many a millisecond or two.
CLIENTS_LISTED = 1_000
#: What failed longer ago is history, not news.
KILLED_LATELY_S = 3600.0
CRASH_LOOP_RUNS = 5
CRASH_LOOP_S = 900.0
#: The same work twice is everyday; five times for five minutes is somebody's loop.
DUPLICATES = 5
DUPLICATES_WAIT_S = 300.0
#: Two ticks may be missed by a restart. The schedule's own grace is this many ticks and a minute.
MISSED_TICKS = 2
REDIS_NEAR_SHARE = 0.9
#: A server that may evict starts before it is full: keys differ in size.
REDIS_EVICTS_SHARE = 0.75
#: Of the connections that the server gives at most: beyond it some process is about to be refused.
REDIS_CLIENTS_SHARE = 0.9
#: Clocks of hosts differ by less when they are kept. RQ calls a run abandoned after 90 s by the clock of another host.
CLOCK_S = 60.0
#: A worker forks and its job begins within this, also on a loaded host.
START_S = 10.0
#: What runs a job ends with the job's timeout and this: RQ kills a process then that did not hear its alarm.
LEASE_GRACE_S = 60.0

# --- Failures of the last hour, read beside the survey ------------------------------------------------------
FAILED_ROWS = 30
FINISHED_ROWS = 100
#: Jobs that failed and are asked whether they have ended well since: two chunks of records.
MADE_GOOD_IDS = 400
#: Times to live that one process remembers of other people's jobs, and entries of a registry that it asks for theirs.
KEPT_LEARNED = 4
KEPT_SAMPLES = 10
#: Ended jobs that a page puts in the order of their ends: 5,000 take some 50 ms. Frappe keeps 1,000 failures a lane.
SORTED_ROWS = 5_000
#: Equal payloads are looked for among the first of a lane, in chunks of so many jobs and bytes: each a millisecond.
REPEATED_ROWS = 500
REPEATED_CHUNK = 100
REPEATED_BYTES = 200_000
REPEATED_PAYLOAD_BYTES = 16 * 1024

# --- Statistics and our own record of failures: kept in Redis, bounded whatever runs -------------------------
#: (period, seconds, kept for, most methods; further ones are counted together). Worst case about 60 MB in all, when
#: that many different methods run in every minute of a day; a usual bench needs a tenth.
STATISTICS = (
    ("minute", 60, 25 * 3600, 100),
    ("hour", 3600, 32 * 86_400, 200),
    ("day", 86_400, 8 * 86_400, 500),
)
#: What is usual is read from so many days.
USUAL_DAYS = 7
#: History moves slowly, and the look must stay cheap.
USUAL_TTL_S = 60.0
METHOD_CHARS = 140
#: Methods of one site in one hour, for the last day: a policy is tried on them.
RAN_METHODS = 500
RAN_TTL_S = 25 * 3600
FAILURES_METHODS = 500
FAILURES_EACH = 20
FAILURES_TTL_S = 8 * 86_400

# --- Policies ----------------------------------------------------------------------------------------------
#: A process that enqueues a thousand jobs a second asks this often whether the policies have changed.
POLICIES_TTL_S = 2.0
#: From the claim of a unique key to the job's record is one `frappe.enqueue`. Who died there is waited for no longer.
CLAIM_GRACE_S = 10.0
#: A key that nobody asks for is forgotten so long after its job was enqueued or has failed: as what is remembered of
#: its attempts (`TRIES_TTL_S`), because a job that waits for the next one has it still.
UNIQUE_TTL_S = 15 * 86_400
#: When the key is the job's own id, the job's record says who has it from the moment at which it is there.
UNIQUE_ID_TTL_S = 3600
REFUSED_NOTES = 5_000
#: Up to when failures were looked at. A site that nobody swept for so long begins anew.
ALERTS_SEEN_TTL_S = 2 * 86_400
#: Different lists of sensitive arguments whose redaction is remembered.
HIDING_CACHE = 64
REFUSED_TTL_S = 86_400
POLICY_ATTEMPTS = 50
#: What is put off for longer than this has been forgotten by everybody.
POLICY_DELAY_S = 7 * 86_400.0
#: A longer key is cut and ends in its digest: names of locks are no longer (`LOCK_NAME_CHARS`, less the site's).
POLICY_KEY_CHARS = 120

# --- Schedules ---------------------------------------------------------------------------------------------
#: A site's schedule is read from its database at most this often, whoever looks.
SCHEDULE_EVERY_S = 5.0
#: What was read longer ago proves nothing any more: an open desk asks once a minute, and jobs that end twice.
SCHEDULE_FRESH_S = 120.0
#: Shown, as old, while the database is down for a day.
SCHEDULE_TTL_S = 86_400
#: Runs remembered of each schedule, of so many of a site, for longer than a month (some run monthly): 1.3 MB at worst.
SCHEDULE_RUNS = 60
SCHEDULE_RUNS_OF = 1_000
SCHEDULE_RUNS_TTL_S = 40 * 86_400
#: Runs of one schedule at the same time, where its policy allows it. Frappe lets one at a time run.
SCHEDULE_RUNS_AT_ONCE = 4
#: Missed runs that are made up for, one at a tick: a day's of what runs by the hour. Forgotten after a week.
CATCH_UP_RUNS = 24
OWED_TTL_S = 7 * 86_400
#: A scheduler that ticked within so many ticks is at work: one that was restarted is not taken for two.
TICKING_TICKS = 1.5
#: Frappe's own tick, which keeps to the clock.
FRAPPE_TICK_S = 240.0
MISSED_SPAN_S = 31 * 86_400.0
#: Runs of the next day that are worked out: a second's work. 500 schedules at every tick are 180,000.
FORESEEN_RUNS = 200_000
#: What nobody has seen run yet is taken for short.
UNKNOWN_RUN_S = 1.0
#: Of each entry the page tells so many next runs, of an expression that is being edited so many.
NEXT_RUNS = 3
PREVIEW_RUNS = 10
#: Runs shorter than this, and as near to each other, are one block of the timeline: a minute is less than a pixel.
BLOCK_S = 120.0
#: Who waits no longer for a worker than this is nobody's trouble.
RUSH_WAIT_S = 60.0
#: Frappe's field for a cron expression holds as many characters.
CRON_CHARS = 140
CRON_CACHE = 10_000

# --- Retries -----------------------------------------------------------------------------------------------
#: Work that kills its process is put back so often by a policy that says "requeue", and no more: it may be what kills.
LOST_REQUEUES = 3
TRIES_KEPT = 20
#: Longer than the longest delay and the week that RQ keeps what failed.
TRIES_TTL_S = 15 * 86_400.0
#: As long as Frappe keeps a result.
TRIES_DONE_TTL_S = 600.0
#: RQ's failures are kept for a week, a thousand a lane.
DEAD_TTL_S = 8 * 86_400.0
DEAD_ROWS = 10_000
#: One that RQ is just putting away is looked at again after this.
RETRY_AGAIN_S = 2.0
#: Looked at by one script call, a few microseconds each: in a sweep, and by a job that ends.
RETRIES_MOVED = 500
RETRIES_MOVED_BY_JOB = 20
#: What failed unseen by our hooks is judged if that was within this: a policy that is made later is for later failures.
FAILED_UNSEEN_S = 900.0
#: Failed jobs of a lane that one sweep looks at: the newest, and as many of the others in turn.
FAILED_UNSEEN_ROWS = 200

# --- Places (at most so many runs at once) --------------------------------------------------------------------
#: Longer than any run, and than a job waits while nobody sweeps.
PLACE_TTL_S = 7 * 86_400.0
#: A place is kept so long for a job that was brought back to its lane: then another has it, and this one asks again.
PLACE_KEPT_S = 60.0
#: Places that one sweep looks at, and jobs that it tells of: each is a script call.
PLACES_LOOKED_AT = 1_000
PLACE_HOLDERS = 5

# --- Circuits ------------------------------------------------------------------------------------------------
#: While a method's circuit is open (`CRASH_LOOP_RUNS` different jobs failed within `CRASH_LOOP_S`, none well), one
#: retry is let through this often: a service that is back is noticed within a minute, one that is not costs one run.
CIRCUIT_TRIAL_S = 60.0
#: What nobody heard of for a day is over.
CIRCUIT_TTL_S = 86_400.0
CIRCUIT_JOBS = 1_000

# --- Survey: the bounded, resumable scan for records that stand nowhere -------------------------------------
#: Records looked at by one command: about half a millisecond of the server's time.
SURVEY_COUNT = 200
SURVEY_SECONDS = 0.05
#: Lists up to this length are asked directly (LPOS, about a millisecond); longer ones are read in chunks.
LPOS_DEPTH = 20_000
#: For more ids than this, reading such a list is cheaper.
LPOS_IDS = 20
#: Members of a list or registry read by one command: a fifth of a millisecond of the server's time.
LIST_CHUNK = 1_000
#: Such commands sent in one round trip, where somebody waits for a deep page.
LIST_CHUNKS = 5
#: So many jobs may be canceled or moved while one chunk is read.
LIST_OVERLAP = 100
#: Ids that one walk through a long list looks for: as many may have been enqueued in the second of its head.
LIST_IDS = 20_000
SUSPECTS = 200
#: Ghosts that one process knows of; as many as one action takes. They are asked again every few seconds.
GHOSTS = 1_000
#: Jobs that a warning about many names.
GROUP_IDS = 20

#: Queues and workers that RQ's own sets have lost: a bench has some dozen of each.
UNLISTED = 200

# --- Sweeps ----------------------------------------------------------------------------------------------
#: A duty is done this often, whoever sweeps: two sweeps prove what needs proof.
SWEEP_EVERY_S = 5.0
#: Whoever dies within a duty keeps others from it for so long.
SWEEP_LEASE_S = 60.0
#: What is known of a duty's last time, and how often it failed.
SWEEP_KEPT_S = 86_400.0

#: Of the jobs of a site that end, one sweeps this often: it costs that job a tenth of a second.
JOB_SWEEPS_S = 30.0

# --- Search ----------------------------------------------------------------------------------------------
SEARCH_CHUNK = 500
#: Values of one job's arguments that a search looks at.
SEARCHED_VALUES = 10_000
SEARCH_SLICE_S = 0.25
SEARCH_SLICE_HITS = 100

# --- Explanations ----------------------------------------------------------------------------------------
#: Workers whose jobs one sentence names; more would not be read.
NAMED_WORKERS = 3
#: Nobody waits for less.
AT_ONCE_S = 2.0

# --- Actions ---------------------------------------------------------------------------------------------
#: One request acts on at most this many jobs: each is a script call, all together stay under a few seconds.
BULK_JOBS = 1_000
#: How long `stop` waits to see what really happened (a worker reads its command channel at once).
STOP_WAIT_S = 5.0
#: How long each rung of a gentle stop may take: an item of a loop, a roll-back, a worker's clean-up.
RUNG_WAIT_S = 4.0
#: A gentle stop asks hosts one job after the other, while somebody waits for the answer.
GENTLE_JOBS = 5
#: A worker starts what it took within this; what then still stands nowhere is a ghost.
GHOST_WAIT_S = 2.0
AUDIT_ENTRIES = 10_000
REASON_CHARS = 500

# --- Locks -----------------------------------------------------------------------------------------------
#: A shorter lease is over before a loaded machine can renew it; a longer one holds up the bench when its host dies.
LOCK_TTL_MIN_S = 0.1
LOCK_TTL_MAX_S = 86_400.0
#: Renewed this often within a lease: two renewals may fail and it still holds.
LOCK_RENEWALS = 3
#: A waiter looks again at least this often, for what nobody tells it: the server lost everything, or the one before
#: it died while the lock was handed over. Below the connection's own patience (`link.ANSWER_TIMEOUT_S`).
LOCK_NAP_S = 4.0
#: Beyond its nap a waiter has so long to look again before it counts as dead: a loaded machine is late.
LOCK_GRACE_S = 2.0
#: Who has stood in line for less is taken for alive, and gets its whole lease with the wake-up; who has slept longer
#: has `LOCK_HANDOVER_S` to answer, so that a waiter that died holds up the others for no longer than that.
LOCK_TRUSTED_S = 1.0
LOCK_HANDOVER_S = 3.0
#: What is remembered of a lock: its last leases; all of it for a day after its last use, but for an hour when it was
#: used less often than this (there may be one for each customer); and of so many locks the names.
LOCK_PAST = 10
LOCK_REGULAR = 10
LOCK_NAMES = 10_000
#: A lock is listed as in use for longer than its lease by this: when it is taken again soon, or given back, it need not
#: be written there again. Who reads the list sees for himself, and looks at so many names at most (a microsecond each).
LOCK_AHEAD_S = 10.0
LOCK_LISTED_S = 70.0
LOCK_LOOKS = 2_000
LOCK_NAME_CHARS = 200
LOCK_TEXT_CHARS = 140  # of each text in a holder's record
LOCK_SLOTS_MAX = 1_000
#: What one look reads: locks, and holders and waiters of each.
LOCK_ROWS = 200
LOCK_PEOPLE = 50
#: A lock is held too long beyond this and three times its longest hold so far; a holder that renews never lapses.
LOCK_OVERHELD_S = 600.0
LOCK_OVERHELD_FACTOR = 3.0
#: Fewer acquisitions than these make no history.
LOCK_HISTORY = 10
#: A holder that lives renews after a third of its lease.
LOCK_SILENT_SHARE = 0.5
#: Somebody who has stood in line this long is somebody's complaint.
LOCK_CONTENDED_WAIT_S = 60.0
#: When Frappe takes no more notice of a document's lock, and when its form offers to unlock (`frappe.model.document`).
DOCUMENT_LOCK_S = 3 * 3_600.0
DOCUMENT_LOCK_SOFT_S = 30 * 60.0

# --- Progress --------------------------------------------------------------------------------------------
#: A job reports at most this often, however tight its loop: smooth for the eye, nothing for Redis.
PROGRESS_EVERY_S = 0.5
#: When Redis did not answer a report, the job goes on without for so long.
PROGRESS_BACKOFF_S = 30.0
#: Kept as long as the record of a failed job: where it was when it was killed.
PROGRESS_TTL_S = 7 * 86_400.0
#: Of one that ended well, as long as RQ keeps its record.
PROGRESS_DONE_TTL_S = 600.0
#: Its speed is that of the last minute.
PROGRESS_RATE_S = 60.0
#: A job that says so twice a second, and then nothing for so long, is busy with one item, or stuck.
PROGRESS_SILENT_S = 30.0
PROGRESS_TEXT_CHARS = 140
#: What nobody has taken notice of for a day, nobody will.
ASKED_TTL_S = 86_400.0
#: The several starts that RQ notes of one run lie closer together than this, also on a busy host.
SAME_RUN_S = 10.0

# --- Chunks ----------------------------------------------------------------------------------------------
#: Parked among the scheduled jobs, so far ahead that nobody will wait for it.
PARKED_S = 10 * 365 * 86_400.0
PARKED_ROWS = 10
#: The rest is handed over when this share of the timeout is left, but not earlier than so long before ...
HAND_OVER_SHARE = 0.1
HAND_OVER_MARGIN_S = 30.0
#: ... and when so many chunks as the longest one so far would not fit.
HAND_OVER_CHUNKS = 1.5
#: A chunk is committed after so many items, or so long: what a kill costs, and how soon a pause is heard.
CHUNK_ITEMS = 100
CHUNK_S = 5.0
#: One run keeps so many failed items; more are no odd ones, and it had better stop.
FAILED_ITEMS = 1_000
#: Different reasons that are counted; further ones are counted together.
REASONS = 20
#: Of these, told while it runs.
REASONS_REPORTED = 3
#: The parent of a forked horse kills it 60 s after its timeout; roll-back and clean-up want some of them.
EXTEND_FORKED_S = 45.0

# --- Incidents (see `incidents`) ----------------------------------------------------------------------------
#: That it is still there is written down this often: a database write a minute, not one a sweep.
INCIDENT_TOUCH_S = 60.0
#: An incident ends when nothing was seen of it for so long. More than the time between two notes of its presence.
INCIDENT_CALM_S = 90.0
#: What comes back so soon after its end is the same incident, and nobody is told twice.
INCIDENT_REOPEN_S = 600.0
#: Open at once on a site; a bench with more causes than that has one cause that nobody has thought of.
INCIDENTS_OPEN = 100

# --- Silenced warnings (see `silences`) ---------------------------------------------------------------------
#: An acknowledgement holds until the warning ends, but not for ever: somebody must look once in a while.
SILENCE_S = 7 * 86_400.0
SNOOZE_S = 3_600.0
SILENCE_MAX_S = 30 * 86_400.0
#: At once, on a whole bench: each is read with every look.
SILENCES = 500

# --- Where a job is stuck --------------------------------------------------------------------------------
#: The reader of a host looks at its jobs' processes this often (/proc only: no job notices) ...
READER_LOOK_S = 5.0
#: ... and takes the stacks of those that have run for so long, this often: what a killed job leaves behind.
READER_STACKS_S = 30.0
#: It says so often that it is there; the next job's hook starts another one when it has not for so long.
READER_ALIVE_S = 15.0
#: It goes when its host has had no job for so long: starting it again costs a job some milliseconds.
READER_IDLE_S = 600.0
#: It goes when Redis has been away for so long: the bench was stopped.
READER_DEAF_S = 20.0
#: Two samples this far apart tell waiting from working.
SAMPLES_APART_S = 1.0
#: Whoever asks waits this long: two samples, a dump on a busy machine, py-spy, the way through Redis.
STACK_ANSWER_S = 8.0
#: An entry that nobody took away: the longest of Frappe's jobs end within a day.
ARMED_TTL_S = 2 * 86_400
#: What was last seen of a job is kept as long as RQ keeps failures in Frappe's settings at most, in practice.
LAST_SEEN_TTL_S = 7 * 86_400
#: Jobs of one host that its reader looks at: far more than a host has workers.
READER_JOBS = 500
