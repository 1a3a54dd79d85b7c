"""One lane's part of a look: the commands that ask for it, and the lane that their answers make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from . import keys, limits
from .link import Pipeline
from .models import Counts, Job, Lane
from .progress import parting
from .records import from_score, text

_NEVER = datetime.min.replace(tzinfo=timezone.utc)


class LaneIds:
    """A lane while only its ids are known."""

    def __init__(self, name: str, answers: Sequence[Any]) -> None:
        self.name = name
        queued, head, *sizes = answers[: 2 + len(keys.REGISTRIES)]
        running, failed, intermediate, overdue, parked, deferred, mover = answers[2 + len(keys.REGISTRIES) :]
        self.counts = Counts(queued=queued, **dict(zip(keys.REGISTRIES, sizes, strict=True)))
        self.head = _ids(head)
        self.running = [(keys.members(text(member) or "")[0], score) for member, score in running]
        self.failed = _ids(failed)
        self.intermediate = _ids(intermediate)
        self.overdue = [(text(member) or "", score) for member, score in overdue]
        self.parked = _ids(parked)
        self.deferred = _ids(deferred)
        self.has_mover = bool(mover)

    @staticmethod
    def ask(pipeline: Pipeline, name: str, now: datetime) -> int:
        """Queue this lane's commands; returns how many."""
        pipeline.llen(keys.queue(name))
        pipeline.lrange(keys.queue(name), 0, limits.HEAD_ROWS - 1)
        for status in keys.REGISTRIES:
            pipeline.zcard(keys.registry(status, name))
        pipeline.zrange(keys.registry("started", name), 0, limits.RUNNING_ROWS - 1, withscores=True)
        pipeline.zrevrange(keys.registry("failed", name), 0, limits.FAILURE_ROWS - 1)
        pipeline.lrange(keys.intermediate(name), 0, limits.INTERMEDIATE_ROWS - 1)
        scheduled = keys.registry("scheduled", name)
        pipeline.zrangebyscore(scheduled, "-inf", now.timestamp(), 0, limits.OVERDUE_ROWS, withscores=True)
        pipeline.zrevrangebyscore(scheduled, "+inf", parting.parked_since(now), 0, limits.PARKED_ROWS)
        pipeline.zrange(keys.registry("deferred", name), 0, limits.DEFERRED_ROWS - 1)
        pipeline.exists(keys.scheduler_lock(name))
        return 2 + len(keys.REGISTRIES) + 7

    def ids(self) -> list[str]:
        scored = [job_id for job_id, _ in (*self.running, *self.overdue)]
        return [*self.head, *scored, *self.failed, *self.intermediate, *self.parked, *self.deferred]

    def build(self, jobs: Mapping[str, Job]) -> Lane:
        head = _present(jobs, self.head)
        running = [
            replace(jobs[job_id], lease_until=from_score(score))
            for job_id, score in self.running
            if jobs[job_id].status != "vanished"
        ]
        overdue = [
            replace(jobs[job_id], due_at=from_score(score))
            for job_id, score in self.overdue
            if jobs[job_id].status == "scheduled"
        ]
        return Lane(
            name=self.name,
            counts=self.counts,
            running=tuple(sorted(running, key=_started)),
            head=tuple(head),
            failures=tuple(sorted(_present(jobs, self.failed), key=_ended, reverse=True)),
            orphans=tuple(job_id for job_id in self.head if jobs[job_id].status == "vanished"),
            intermediate=tuple(jobs[job_id] for job_id in self.intermediate),
            oldest_enqueued_at=min((job.enqueued_at for job in head if job.enqueued_at), default=None),
            overdue=tuple(overdue),
            parked=tuple(job for job in _present(jobs, self.parked) if job.progress and job.progress.parked),
            deferred=tuple(job for job in _present(jobs, self.deferred) if job.status == "deferred"),
            has_mover=self.has_mover,
        )


def _ids(members: Iterable[Any]) -> list[str]:
    return [text(member) or "" for member in members]


def _present(jobs: Mapping[str, Job], job_ids: Iterable[str]) -> list[Job]:
    return [jobs[job_id] for job_id in job_ids if jobs[job_id].status != "vanished"]


def _started(job: Job) -> datetime:
    return job.started_at or _NEVER


def _ended(job: Job) -> datetime:
    return job.ended_at or _NEVER
