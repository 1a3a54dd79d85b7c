"""A snapshot of the bench."""

from __future__ import annotations

from collections.abc import Iterator

from .jobs import rows
from .layout import VERDICT, Document, Paint, clean, table
from .values import age, moment, plural, size
from .warnings import warnings


def snapshot(document: Document, paint: Paint) -> Iterator[str]:
    health, redis = document["health"], document["redis"]
    verdict = health["verdict"] if health.get("telling", True) else "unknown"
    reported = health["reasons"] or [" ".join(health.get("evidence", ()))]
    yield paint(verdict, VERDICT.get(verdict), bold=True) + "".join(f"   {clean(reason)}" for reason in reported)
    if health.get("silenced"):
        yield f"{plural(health['silenced'], 'warning')} silenced (acknowledged, snoozed or muted) and not counted."
    memory = " of ".join(size(redis[name]) for name in ("used_bytes", "max_bytes") if redis.get(name))
    living = [worker for worker in document["workers"] if worker["state"] != "gone"]
    yield f"{plural(len(living), 'worker')}, Redis {memory or '?'}, at {moment(document['at'])}"
    for duty in document["duties"]:
        if duty["failures"]:
            failed = f"{duty['key']} failed {plural(duty['failures'], 'time')} in a row: {duty['error']}"
            yield paint(failed, "red")
    for note in document["notes"]:
        yield paint(note, "yellow")
    if document["suspended"]:
        yield paint("The workers are told to take no work (job-console resume).", "yellow")
    paused = [queue["label"] for queue in document["queues"] if queue["paused"]]
    if paused:
        yield paint(f"Paused: {', '.join(paused)} (job-console lanes says by whom and until when).", "yellow")
    yield ""
    heads = ("lane", "waiting", "oldest", "running", "failed", "finished", "busy/idle workers")
    yield from table(heads, [_lane(queue) for queue in document["queues"]], paint, right=range(1, 6))
    running = [job for queue in document["queues"] for job in queue["running"]]
    if running:
        yield from ("", paint("running", bold=True))
        yield from rows(running, paint)
    yield ""
    yield from warnings(document, paint)


def _lane(queue: Document) -> tuple[str, ...]:
    counts, workers = queue["counts"], queue["workers"]
    return (
        queue["name"],
        f"{counts['queued']:,}",
        ("≥ " if queue["oldest_wait_at_least"] and queue["oldest_wait_s"] else "") + age(queue["oldest_wait_s"]),
        f"{counts['started']:,}",
        f"{counts['failed']:,}",
        f"{counts['finished']:,}",
        f"{workers['busy']}/{workers['idle']}"
        + (f", {workers['draining']} stopping" if workers.get("draining") else ""),
    )
