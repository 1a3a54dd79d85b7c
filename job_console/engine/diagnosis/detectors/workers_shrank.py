"""`workers_shrank`: workers that served a lane lately are gone without a goodbye, and nobody came in their place.

Sweeps remember who was alive (`recent_workers`). A worker that is shut down leaves RQ's set of workers; one that was
killed stays in it when its record has expired. It would be wrong to miss it if another one had taken its place: so
workers of the same lanes that were born since count against it, and a supervisor has a moment to start them.

Wrong if: somebody ended it with SIGKILL on purpose, or it lives and could not reach Redis for as long as its record.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import _, listed
from ...models.bench import Bench, label
from ...models.recent_workers import alive
from ...models.sweeps import RecentWorker
from ...models.warnings import Warning
from ...wording import duration, many
from .. import limits


def detect(bench: Bench) -> Iterator[Warning]:
    live = alive(bench)
    named = {worker.name for worker in live}
    missed: dict[frozenset[str], list[RecentWorker]] = {}
    for each in bench.memory.recent_workers:
        if each.lost_at is not None and each.name not in named:
            missed.setdefault(frozenset(each.queues), []).append(each)
    for queues, lost in missed.items():
        first = min(each.seen_at for each in lost)
        came = sum(
            frozenset(worker.queues) == queues and worker.born_at is not None and worker.born_at > first
            for worker in live
        )
        lost = sorted(lost, key=lambda each: each.seen_at)[came:]
        if lost and (bench.at - min(each.lost_at or bench.at for each in lost)).total_seconds() > limits.SHRANK_S:
            left = sum(bool(queues & set(worker.queues)) for worker in live)
            if left or not _waits(bench, queues):  # nobody at all, and work waits: `no_workers`
                yield _warning(bench, sorted(queues), lost, left)


_DIED_ALONE = _(
    "{labels}: {left} of {workers} left. {who} died without a goodbye, last seen {duration} ago, and nobody came in "
    "its place."
)
_DIED = _(
    "{labels}: {left} of {workers} left. {who} died without a goodbye, last seen {duration} ago, and nobody came in "
    "their place."
)


def _waits(bench: Bench, queues: frozenset[str]) -> bool:
    return any(lane.counts.queued for lane in bench.lanes if lane.name in queues)


def _warning(bench: Bench, queues: list[str], lost: list[RecentWorker], left: int) -> Warning:
    labels = listed([label(name) for name in queues])
    since = min(each.seen_at for each in lost)
    who = ", ".join(f"{each.host} · {each.pid}" if each.host else each.name for each in lost[: limits.NAMED_WORKERS])
    return Warning(
        code="workers_shrank",
        severity="warning",
        queue=queues[0],
        worker=lost[0].name if len(lost) == 1 else None,
        since=since,
        message=(_DIED_ALONE if len(lost) == 1 else _DIED).format(
            labels=labels,
            left=left,
            workers=many(left + len(lost), _("{count:,} worker"), _("{count:,} workers")),
            who=who,
            duration=duration((bench.at - since).total_seconds()),
        ),
        evidence={
            "left": left,
            "lost": [each.name for each in lost[: limits.GROUP_IDS]],
            "queues": queues,
            "hosts": sorted({each.host for each in lost if each.host}),
        },
        about=" ".join(queues),
    )
