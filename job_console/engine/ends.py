"""When a run ended that RQ 1's maintenance called abandoned: it writes no `ended_at` and no result.

What is left is its place among the failed ones, whose score is that moment and `failure_ttl` seconds; when it is kept
for ever even that says nothing, and then the last that was heard of it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from . import keys
from .link import Pipeline, wrong_type
from .models import Job
from .records import from_score

#: RQ's DEFAULT_FAILURE_TTL: of jobs that say nothing.
_KEPT_S = 31_536_000


def unknown(jobs: Iterable[Job]) -> list[Job]:
    """Those that have ended, and whose record does not say when."""
    return [job for job in jobs if job.status == "failed" and job.ended_at is None]


def ask(pipeline: Pipeline, jobs: Iterable[Job]) -> None:
    for job in jobs:
        pipeline.zscore(keys.registry("failed", job.queue), job.id)


def told(jobs: Sequence[Job], answers: Iterable[Any]) -> list[Job]:
    """The jobs with their ends, as far as anything tells them."""
    return [_told(job, answer) for job, answer in zip(jobs, answers, strict=True)]


def _told(job: Job, score: Any) -> Job:
    kept = _KEPT_S if job.failure_ttl_s is None else job.failure_ttl_s
    known = score is not None and not wrong_type(score) and kept >= 0 and score > kept
    ended_at = from_score(score - kept) if known else job.heartbeat_at
    # Scores are whole seconds: not before it began.
    return replace(job, ended_at=max(filter(None, (ended_at, job.started_at)), default=None))
