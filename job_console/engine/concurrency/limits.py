"""Places: how long, how many."""

from __future__ import annotations

#: Longer than any run, and than a job waits while nobody sweeps.
PLACE_TTL_S = 7 * 86_400.0
#: Seconds for which a place is reserved for a job that was put back into its queue. Then another job may take it, and
#: this one asks again when it starts.
PLACE_KEPT_S = 60.0
#: Places that one sweep checks; each is a script call.
PLACES_LOOKED_AT = 1_000
