"""Places: how long, how many."""

from __future__ import annotations

#: Longer than any run, and than a job waits while nobody sweeps.
PLACE_TTL_S = 7 * 86_400.0
#: A place is kept so long for a job that was brought back to its lane: then another has it, and this one asks again.
PLACE_KEPT_S = 60.0
#: Places that one sweep looks at, and jobs that it tells of: each is a script call.
PLACES_LOOKED_AT = 1_000
