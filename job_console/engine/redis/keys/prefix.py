"""Where Job Console's own keys begin. Each has a time to live or a bound.

They start with `rq:job_console:`. A bench with `use_rq_auth` gives its Redis user the key patterns `rq:[^q]*`,
`rq:queues` and `rq:queue:BENCH:*` only, so a prefix outside `rq:` would be refused there.
"""

from __future__ import annotations

OURS = "rq:job_console:"


def own(*parts: str) -> str:
    return OURS + ":".join(parts)
