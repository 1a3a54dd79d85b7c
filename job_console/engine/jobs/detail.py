"""Everything about one job: its record, runs, place in the queue, and whom it waits for."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ..look.reader import JobReader
from ..messages import _
from ..models.jobs import Detail, Job, Run
from ..policies import limits as policies_limits
from ..policies import unique
from ..redis import keys, list_position
from ..redis.link import Redis, denied, pipelined, raise_first, script, wrong_type
from ..rq import endings, payload, records
from ..rq import limits as rq_limits
from ..rq.records import text

_OUTCOMES = {"1": "successful", "2": "failed", "3": "stopped", "4": "retried"}


def read(redis: Redis, reader: JobReader, job_id: str, now: datetime) -> Detail | None:
    """The job. None: there is no such record. Two round trips."""
    (job,) = reader.read([job_id])
    if job.status == "vanished":
        return None
    pipeline = pipelined(redis)
    pipeline.eval(script("read_runs"), 1, keys.results(job_id), rq_limits.ERROR_BYTES, rq_limits.ERROR_HEAD_BYTES)
    list_position.ask(pipeline, keys.queue(job.queue), job_id, policies_limits.LPOS_DEPTH)
    pipeline.zscore(keys.registry("scheduled", job.queue), job_id)
    pipeline.zscore(keys.registry("started", job.queue), job_id)
    pipeline.zrange(keys.executions(job_id), -1, -1, withscores=True)
    pipeline.sscan(keys.dependents(job_id), 0, count=rq_limits.ITEMS)
    pipeline.pttl(keys.job(job_id))
    pipeline.scard(keys.dependents(job_id))
    pipeline.xlen(keys.results(job_id))
    endings.ask(pipeline, unknown := endings.unknown([job]))
    pipeline.zscore(keys.RQ_SCHEDULER, job_id)
    unique.ask_in_favour(pipeline, job_id)
    answers = pipeline.execute(raise_on_error=False)
    # It may be in another bench's queue, which we may not read; a key of another type is not RQ's.
    raise_first(answers, unless=_no_place)
    results: list[Any] = [None if _no_place(answer) else answer for answer in answers]
    outcomes, place, due, lease, executions, members, ttl, many, kept, *ended, elsewhere, in_favour = results
    outcomes, executions, dependents = outcomes or [], executions or [], members[1] if members else []
    many, kept = many or 0, kept or 0
    (job,) = endings.reported(unknown, ended) or [job]
    job = replace(
        job,
        due_at=records.from_score(due) if job.status in ("scheduled", "finished") else None,
        lease_until=records.from_score(lease if lease is not None else executions[0][1] if executions else None),
    )
    return Detail(
        job=job,
        runs=_runs(job, outcomes, kept),
        position=place + 1 if place is not None else None,
        result=_result(outcomes),
        dependents=tuple(text(member) or "" for member in dependents)[: rq_limits.ITEMS],
        expires_at=now + timedelta(milliseconds=ttl) if ttl and ttl > 0 else None,
        in_favour=int(in_favour or 0),
        dependents_total=many,
        runs_total=kept + (job.status == "started"),
        repeats_left=job.repeats_left or 0,
        scheduler_due_at=records.from_score(elsewhere),
    )


def _no_place(answer: Any) -> bool:
    return denied(answer) or wrong_type(answer)


def _runs(job: Job, outcomes: Sequence[Sequence[Any]], kept: int) -> tuple[Run, ...]:
    """The runs, oldest first: the last few of the `kept` ones.

    RQ keeps when each run ended and how, but the start and the worker of the newest one only.
    """
    runs, before = [], max(kept - len(outcomes), 0)
    for place, (entry, kind, error, _value, size, _value_size) in enumerate(reversed(outcomes), start=1):
        ended = datetime.fromtimestamp(int((text(entry) or "0").partition("-")[0]) / 1000, timezone.utc)
        newest = place == len(outcomes) and job.status != "started"
        runs.append(
            Run(
                attempt=before + place,
                outcome=_OUTCOMES.get(text(kind) or "", "unknown"),
                started_at=job.started_at if newest else None,
                ended_at=ended,
                worker=job.worker if newest else None,
                error=records.failure(error, size),
            )
        )
    if job.status == "started":
        runs.append(Run(before + len(runs) + 1, "running", job.started_at, None, job.worker))
    return tuple(runs)


def _result(outcomes: Sequence[Sequence[Any]]) -> Any:
    if not outcomes or not outcomes[0][5]:
        return None
    if outcomes[0][3] is None:
        return _("(too large to show: {outcomes:,} KB)").format(outcomes=outcomes[0][5] * 3 // 4 // 1024)
    try:
        return payload.value(payload.inflate(base64.b64decode(outcomes[0][3]))[0])
    except (payload.Unreadable, binascii.Error, ValueError) as problem:
        return _("(unreadable: {problem})").format(problem=problem)
