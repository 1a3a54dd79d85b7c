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
from ...messages import Message, _, joined
from ...models.bench import Bench
from ...models.warnings import Warning
from ...wording import duration, iso


def detect(bench: Bench) -> Iterator[Warning]:
    lost = fresh(bench.memory.lost, bench.at)
    if lost is None:
        return
    ago = duration((bench.at - lost.at).total_seconds())
    since = duration(max((lost.at - lost.seen_at).total_seconds(), 0.0))
    restart = _("Workers from before are not registered until they are restarted.")
    yield Warning(
        code="memory_lost",
        severity="critical" if lost.jobs else "warning",
        since=lost.at,
        message=joined((_what(lost.jobs, ago, since), restart)),
        evidence={"jobs": lost.jobs, "seen_at": iso(lost.seen_at), "uptime_s": bench.redis.uptime_s},
        about="redis",
    )


def _what(jobs: int, ago: Message, since: Message) -> Message:
    if not jobs:
        return _(
            "Redis lost its data {ago} ago: no job that waited {since} before is missing, but what came since, results "
            "and locks may be."
        ).format(ago=ago, since=since)
    text = _("Redis lost its data {ago} ago: {count:,} jobs that it held {since} before are not there any more.")
    if jobs == 1:
        text = _("Redis lost its data {ago} ago: a job that it held {since} before is not there any more.")
    return joined((text.format(ago=ago, since=since, count=jobs), _("What waited will not run.")))
