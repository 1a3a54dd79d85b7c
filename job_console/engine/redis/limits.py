"""The edge to Redis."""

from __future__ import annotations

#: Whoever dies within a duty keeps others from it for so long.
SWEEP_LEASE_S = 60.0
AUDIT_ENTRIES = 10_000
#: Failures of our own hooks are counted for a day, not thrown into somebody's job.
HOOK_FAILURES_TTL_S = 86_400
