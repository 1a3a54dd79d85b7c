"""Which workers were alive lately: remembered by sweeps, so that one that is gone without a record of its end is
missed. Pure.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from . import limits
from .bench import Bench
from .sweeps import RecentWorker
from .workers import Worker


def alive(bench: Bench) -> list[Worker]:
    return [worker for worker in bench.workers if worker.state not in ("gone", "broken")]


def remembered(bench: Bench) -> tuple[RecentWorker, ...]:
    """What to remember after this look. Who says goodbye leaves RQ's set of workers, and is forgotten; who is killed
    stays in it when its record has expired, and is missed."""
    known = {each.name: each for each in bench.memory.recent_workers}
    found = {
        worker.name: RecentWorker(worker.name, worker.queues, bench.at, None, worker.host, worker.pid)
        for worker in alive(bench)
        if worker.queues
    }
    gone = {worker.name for worker in bench.workers if worker.state == "gone"}
    for name, each in known.items():
        if name in found:
            continue
        if each.lost_at is not None and (bench.at - each.lost_at).total_seconds() <= limits.RECENT_WORKERS_KEPT_S:
            found[name] = each
        elif each.lost_at is None and name in gone:
            found[name] = replace(each, lost_at=bench.at)
    newest = sorted(found.values(), key=lambda each: each.lost_at or each.seen_at, reverse=True)
    return tuple(newest[: limits.RECENT_WORKERS])


def as_json(each: RecentWorker) -> list[object]:
    lost = each.lost_at.timestamp() if each.lost_at else None
    return [each.name, list(each.queues), each.seen_at.timestamp(), lost, each.host, each.pid]


def from_json(plain: Any) -> RecentWorker:
    """Raises ValueError or TypeError for what is none of ours."""
    name, queues, seen, lost, host, pid = plain
    return RecentWorker(
        str(name),
        tuple(map(str, queues)),
        _moment(seen),
        None if lost is None else _moment(lost),
        None if host is None else str(host),
        pid if isinstance(pid, int) else None,
    )


def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(float(seconds), timezone.utc)
