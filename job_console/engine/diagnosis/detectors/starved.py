"""`starved`: the oldest waiting job has waited beyond the lane's limit while its workers were busy with others.

The limit is what a waiting job's policy says; else its own timeout: who waits longer
than it may run has waited too long. The warning names lanes, not jobs: those
may be other sites'. Workers that were asked to stop serve nothing: when all were, that is `no_workers`.

Wrong if: a worker's record says busy and it is about to take this very job; or whoever enqueued has another clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ...messages import Message, _, listed
from ...models.bench import Bench, Lane
from ...models.jobs import Job
from ...models.warnings import Warning
from ...models.workers import Worker
from ...wording import duration, many
from .. import limits
from .lane_remedies import MOVE_WAITING, start_line


@dataclass(frozen=True, slots=True)
class _Wait:
    lane: Lane
    since: datetime
    limit_s: float


def detect(bench: Bench) -> Iterator[Warning]:
    """Lanes that wait for the same workers are one warning: those are too few, or too busy."""
    if bench.suspended:
        return
    found: dict[frozenset[str], list[_Wait]] = {}
    for lane in bench.lanes:
        serving = bench.serving(lane.name)
        if (
            lane.oldest_enqueued_at is None
            or lane.paused
            or not serving
            or any(worker.state != "busy" for worker in serving)
        ):
            continue
        since, limit = _longest_beyond(bench, lane, lane.oldest_enqueued_at)
        if (bench.at - since).total_seconds() > limit:
            found.setdefault(frozenset(worker.name for worker in serving), []).append(_Wait(lane, since, limit))
    for waits in found.values():
        yield _warning(bench, waits)


def _warning(bench: Bench, waits: list[_Wait]) -> Warning:
    worst = min(waits, key=lambda wait: wait.since)
    serving = bench.serving(worst.lane.name)
    waited = (bench.at - worst.since).total_seconds()
    busy_in = _busy_in(bench, serving)
    return Warning(
        code="starved",
        severity="warning",
        queue=waits[0].lane.name,
        since=worst.since,
        message=_text(waits, worst).format(
            lanes=listed([wait.lane.label for wait in waits]),
            lane=worst.lane.label,
            duration=duration(waited),
            who=_who(serving, busy_in),
        ),
        evidence={
            "waiting": sum(wait.lane.counts.queued for wait in waits),
            "oldest_wait_s": round(waited, 1),
            "limit_s": worst.limit_s,
            "workers": len(serving),
            "busy_in": dict(busy_in),
            "start": start_line(worst.lane.name),
            **({"queues": [wait.lane.name for wait in waits]} if len(waits) > 1 else {}),
        },
        remedies=(MOVE_WAITING,) if len(waits) == 1 else (),
        needs_proof=True,
    )


def _text(waits: list[_Wait], worst: _Wait) -> Message:
    if len(waits) > 1:
        return _("{lanes} are starved: in {lane} a job has waited {duration}, while {who}.")
    if worst.since == worst.lane.oldest_enqueued_at:
        return _("{lane} is starved: its oldest job has waited {duration}, while {who}.")
    return _("{lane} is starved: a job has waited {duration}, while {who}.")


def _longest_beyond(bench: Bench, lane: Lane, oldest: datetime) -> tuple[datetime, float]:
    """Since when the job has waited that is furthest beyond its limit, and that limit."""
    first, others = (lane.oldest,) if lane.oldest else lane.head[:1], lane.head
    usual = max(first[0].timeout_s or 0.0 if first else 0.0, limits.STARVED_MIN_S)
    waits = [(oldest, (_allowed(bench, first[0]) if first else None) or usual)]
    for job in others:
        allowed = _allowed(bench, job)
        if allowed and job.enqueued_at:
            waits.append((job.enqueued_at, allowed))
    return max(waits, key=lambda wait: (bench.at - wait[0]).total_seconds() - wait[1])


def _allowed(bench: Bench, job: Job) -> float | None:
    """How long its policy lets it wait."""
    policy = bench.policies.of(job)
    return policy.longest_wait_s if policy else None


def _busy_in(bench: Bench, serving: list[Worker]) -> Counter[str]:
    """How many of these workers run a job of which lane."""
    held = [bench.held.get(worker.job_id or "") for worker in serving]
    return Counter(job.queue.rpartition(":")[2] for job in held if job is not None and job.queue)


def _who(serving: list[Worker], busy_in: Counter[str]) -> str:
    workers = (
        _("its only worker is busy")
        if len(serving) == 1
        else _("all its {workers} are busy").format(
            workers=many(len(serving), _("{count:,} worker"), _("{count:,} workers"))
        )
    )
    where = listed(
        [
            _("{jobs} of {lane}").format(jobs=many(count, _("{count:,} job"), _("{count:,} jobs")), lane=lane)
            for lane, count in busy_in.most_common()
        ]
    )
    return _("{workers} with {where}").format(workers=workers, where=where) if where else workers
