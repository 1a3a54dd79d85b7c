"""Failures: how many are indexed, grouped and shown, and how fast a group is tried again."""

from __future__ import annotations

#: Members of a registry or of the index that one command hands out.
SCANNED = 500
#: How long one look goes on with the index; the next one goes on where it stopped. 1,000 new failures take this long.
LOOK_S = 0.3
SWEEP_S = 0.5
#: Failed jobs of a lane that are indexed: some 200 bytes each. Frappe keeps 1,000 of a lane.
INDEXED = 100_000
#: Groups of a lane; failures beyond are counted together.
GROUPS = 500
INDEX_TTL_S = 8 * 86_400
#: The sweep goes on with the index for so long after somebody looked.
WANTED_TTL_S = 86_400
#: A bench with more failures than this is not gone through with each look, but at this pace.
QUICK = 2_000
PACE_S = 1.0
#: With nothing new in sight the sweep goes through all again after this.
SETTLED_S = 30.0
#: Of each lane with many, the newest are indexed first.
NEWEST = 50
TREND_HOURS = 24
#: The newest of a group, whose users and documents are told.
SAMPLED = 100
USERS = 5
DOCUMENTS = 5
#: Pages of a group's jobs end here, and so does what one canary releases.
GROUP_JOBS = 10_000
#: A lane that holds fewer may be tried again without a canary.
AT_ONCE = 1_000
#: Groups that are being tried again at the same time on a bench.
CANARIES = 20
#: Released jobs of one canary that have not ended: further ones wait.
IN_FLIGHT = 200
#: Of them, released by one turn: a script call each.
RELEASED = 100
RATE_MAX = 600.0
#: One that nobody has touched for so long is forgotten.
CANARY_TTL_S = 2 * 86_400
#: What was released and whose retry never came (the process that did it was killed) is released once more after this.
RELEASE_AGAIN_S = 15.0
