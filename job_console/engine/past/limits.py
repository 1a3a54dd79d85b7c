"""How often a picture is kept, for how long, and what all of them may take."""

from __future__ import annotations

#: Between two pictures. Each has the place of the ten seconds that it was taken in.
EVERY_S = 10
#: Where sweeps come by less often, a picture is shown for so long; what is longer without one is a gap.
SHOWN_S = 90
KEPT_S = 7 * 86_400
#: Of a bench in Redis, at most: the oldest hours go first. What benches need is in benchmarks/README.md.
BYTES = 80 * 1024 * 1024
#: Where Redis has a memory limit, nothing is kept beyond this share of it: that is room for jobs.
MEMORY_SHARE = 0.8
#: So many seconds are packed together, when they have been over for so long; one at a time, as any sweep may do it.
BLOCK_S = 600
SETTLES_S = 20
PACKED_AT_ONCE = 1
#: Rows of a lane: those that the page shows without being asked.
RUNNING_ROWS = 50
HEAD_ROWS = 3
FAILURE_ROWS = 5
PARKED_ROWS = 3
WORKERS = 300
WARNINGS = 200
TEXT_CHARS = 160
#: A week in more pieces than this is told with the shortest gaps closed.
RUNS_TOLD = 500
