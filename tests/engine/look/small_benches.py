"""Benches of a few lanes and workers, whose figures are known."""

from __future__ import annotations

from typing import Any

from job_console.engine.look import limits as look_limits
from job_console.engine.look.expected import forecast
from job_console.engine.models.bench import Bench, Counts, Lane, Usual
from job_console.engine.models.jobs import Call, Job
from job_console.engine.models.warnings import Warning
from job_console.engine.models.workers import Worker

from ..bench import SHORT
from ..simulated import NOW


def job(name: str, method: str = "sync", queue: str = SHORT, **fields: Any) -> Job:
    return Job(name, queue, "queued", Call(method, method, "method"), timeout_s=300.0, **fields)


def lane(waiting: int, name: str = SHORT, method: str = "sync") -> Lane:
    rows = min(waiting, look_limits.HEAD_ROWS)
    return Lane(name, Counts(queued=waiting), head=tuple(job(f"{name}{n}", method, name) for n in range(rows)))


KNOWN = {"sync": Usual(200, 4.0, 6.0, 1.0), "slow": Usual(200, 60.0, 90.0, 1.0)}


def bench(*lanes: Lane, crew: tuple[tuple[str, ...], ...] = ((SHORT,), (SHORT,)), **more: Any) -> Bench:
    workers = tuple(Worker(f"w{n}", "idle", queues) for n, queues in enumerate(crew))
    return Bench(**{"at": NOW, "lanes": lanes, "workers": workers, "usual": KNOWN, **more})


def drain(around: Bench, name: str = SHORT, warnings: tuple[Warning, ...] = ()) -> tuple[float, float] | None:
    found = forecast.with_drains(around, warnings).drains().get(name)
    return (found.about_s, found.within_s) if found else None
