"""Holds: how long, how many."""

from __future__ import annotations

#: Shorter ones end before anybody has looked; longer ones are forgotten. A new one can follow.
HOLD_MIN_S = 10.0
HOLD_MAX_S = 7 * 86_400.0
#: What somebody holds by hand. All are read by each look and fit in one small answer.
HOLDS = 200
#: A worker that must leave some queues alone asks again so often whether that has ended.
ASK_EVERY_S = 1.0
#: A worker says so often that it obeys, and is known as one for so long: longer than its longest job.
OBEYS_EVERY_S = 60.0
OBEYS_KEPT_S = 3 * 86_400.0
#: Two signals end a worker with its job, so the second one within this time is not sent.
STOP_AGAIN_S = 30.0
#: A worker reads its channel at once; one that is idle ends within a second or so.
STOP_WAIT_S = 3.0
#: Jobs that a paused method keeps, brought back by one script when it is resumed.
METHOD_JOBS = 5_000
