"""`memory_lost`: Redis came back without what it held, or was emptied. What waited there is lost.

Found by a process that looked before and after (`data_loss`): two of three must be true, that the server was started
anew, that it knows of fewer sweeps than before, that queues are gone which RQ never forgets. The warning stays for an
hour.

Wrong if: somebody emptied it on purpose, or deleted queues and our keys by hand; or the address leads to another server
than before.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...look.data_loss import fresh
from ...models.bench import Bench
from ...models.warnings import Warning
from ...wording import duration, iso, many


def detect(bench: Bench) -> Iterator[Warning]:
    lost = fresh(bench.memory.lost, bench.at)
    if lost is None:
        return
    ago = duration((bench.at - lost.at).total_seconds())
    since = duration(max((lost.at - lost.seen_at).total_seconds(), 0.0))
    what = (
        f"{many(lost.jobs, 'job')} that it held {since} before {'is' if lost.jobs == 1 else 'are'} not there any more. "
        "What waited will not run"
        if lost.jobs
        else f"no job that waited {since} before is missing, but what came since, results and locks may be"
    )
    yield Warning(
        code="memory_lost",
        severity="critical" if lost.jobs else "warning",
        since=lost.at,
        message=f"Redis lost its data {ago} ago: {what}; "
        "workers from before are not registered until they are restarted.",
        evidence={"jobs": lost.jobs, "seen_at": iso(lost.seen_at), "uptime_s": bench.redis.uptime_s},
        about="redis",
    )
