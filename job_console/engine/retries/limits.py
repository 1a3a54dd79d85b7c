"""Attempts and circuits: how many, how long."""

from __future__ import annotations

CRASH_LOOP_RUNS = 5
CRASH_LOOP_S = 900.0
#: How often a policy that says "requeue" puts back a job whose process died: the job itself may be what kills it.
LOST_REQUEUES = 3
TRIES_KEPT = 20
#: Longer than the longest delay, and than the week for which RQ keeps failed jobs.
TRIES_TTL_S = 15 * 86_400.0
#: As long as Frappe keeps a result.
TRIES_DONE_TTL_S = 600.0
#: RQ's failures are kept for a week, a thousand a lane.
DEAD_TTL_S = 8 * 86_400.0
DEAD_ROWS = 10_000
#: Seconds until a job that RQ is still writing back is looked at again.
RETRY_AGAIN_S = 0.5
RETRIES_MOVED_BY_JOB = 20
#: While a method's circuit is open (`CRASH_LOOP_RUNS` different jobs failed within `CRASH_LOOP_S`, none well), one
#: retry is let through this often: a service that is back is noticed within a minute, one that is not costs one run.
CIRCUIT_TRIAL_S = 60.0
#: What has not been updated for a day is over.
CIRCUIT_TTL_S = 86_400.0
CIRCUIT_JOBS = 1_000
