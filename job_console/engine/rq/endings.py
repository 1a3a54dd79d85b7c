"""What ended last in a registry. RQ orders it by when an entry expires, which is its end and its time to live.

Entries of one time to live stand in the order of their ends, and what ended just now stands where that time from now
is. So a few windows find the newest of each, at a bounded cost: one at each end of the registry, one for each time to
live that Frappe and RQ use, and one for each that this process has met in the records that it read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from threading import Lock
from typing import Any

from ..models.jobs import Job
from ..redis import keys
from ..redis.link import Pipeline, wrong_type
from . import limits
from .records import from_score, text

#: What Frappe and RQ say when nobody says otherwise: a week and a year for failures, ten minutes and 500 s for results.
USUAL = {"failed": (7 * 86_400.0, 365 * 86_400.0), "finished": (600.0, 500.0)}
_NEVER = datetime.min.replace(tzinfo=timezone.utc)


class Kept:
    """For how long jobs are kept, as their records say: few values, learned as they are met. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: dict[str, tuple[float, ...]] = dict(USUAL)

    def of(self, status: str) -> tuple[float, ...]:
        return self._found.get(status, ())

    def learn(self, job: Job) -> None:
        """The newest few are remembered, beside the usual ones."""
        usual, seconds = USUAL.get(job.status), job.kept_s
        if usual is None or seconds is None or seconds <= 0 or seconds in self._found[job.status]:
            return
        with self._lock:
            learned = [each for each in self._found[job.status] if each not in usual and each != seconds]
            self._found[job.status] = (*usual, *learned[1 - limits.KEPT_LEARNED :], seconds)


def windows(status: str, now: datetime, rows: int, kept: Sequence[float]) -> list[tuple[str, tuple[Any, ...]]]:
    """Commands, each with its arguments behind the key, that together find the newest `rows` of a registry."""
    if status not in USUAL:
        return [("zrevrange", (0, rows - 1, True))]
    until = [now.timestamp() + seconds + limits.CLOCK_S for seconds in kept]
    return [
        ("zrevrange", (0, rows - 1, True)),
        *(("zrevrangebyscore", (most, "-inf", 0, rows, True)) for most in until),
        ("zrange", (0, rows - 1, False, True)),
    ]


def entries(answers: Iterable[Iterable[Any]]) -> dict[str, float]:
    """The members of some windows, each once."""
    return {text(member) or "": score for answer in answers for member, score in answer}


def unknown(jobs: Iterable[Job]) -> list[Job]:
    """Those that have failed, and whose record and results do not say when: RQ 1's maintenance writes neither."""
    return [job for job in jobs if job.status == "failed" and job.ended_at is None]


def ask(pipeline: Pipeline, jobs: Iterable[Job]) -> None:
    for job in jobs:
        pipeline.zscore(keys.registry("failed", job.queue), job.id)


def reported(jobs: Sequence[Job], answers: Iterable[Any]) -> list[Job]:
    """The jobs with their ends, as far as anything tells them."""
    return [dated(job, None if wrong_type(answer) else answer) for job, answer in zip(jobs, answers, strict=True)]


def dated(job: Job, score: float | None) -> Job:
    """With the end that its place tells (its score less the time for which it is kept), where RQ wrote none.

    For what is kept for ever the score says nothing: then its last known time counts.
    """
    if job.ended_at is not None or job.status not in USUAL:
        return job
    kept = job.kept_s if job.kept_s is not None else USUAL[job.status][-1]
    placed = score is not None and kept >= 0 and score > kept
    ended_at = from_score(score - kept) if score is not None and placed else job.heartbeat_at
    # Scores are whole seconds: not before it began.
    return replace(job, ended_at=max(filter(None, (ended_at, job.started_at)), default=None))


def in_time(job: Job, now: datetime) -> Job:
    """An end that lies ahead was written by a wrong clock, and would be the newest for as long: then all that is known
    is that it ended after whatever was written of it before."""
    latest = now + timedelta(seconds=limits.CLOCK_S)
    if job.ended_at is None or job.ended_at <= latest:
        return job
    known = (job.created_at, job.enqueued_at, job.started_at)
    return replace(job, ended_at=max((at for at in known if at is not None and at <= latest), default=None))


def newest_first(jobs: Iterable[Job]) -> list[Job]:
    return sorted(jobs, key=lambda job: job.ended_at or _NEVER, reverse=True)


def ask_some(pipeline: Pipeline, registry: str, length: int) -> int:
    """Members here and there, whose records tell for how long others are kept; how many were asked for."""
    places = range(0, length, max(length // limits.KEPT_SAMPLES, 1))
    for place in places:
        pipeline.zrange(registry, place, place, False, True)
    return len(places)


def since_read(found: Iterable[Iterable[Job]]) -> datetime:
    """What ended later than this is among these windows of a registry that is longer: each goes back to its oldest."""
    windows = [[job.ended_at for job in jobs if job.ended_at] for jobs in found]
    return max((min(ends) for ends in windows if ends), default=_NEVER)
