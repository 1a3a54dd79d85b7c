"""Circuits are closed by hand: those of some jobs' methods, each in one step with its entry in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..messages import _
from ..models.jobs import Job
from ..models.outcomes import Outcome
from ..redis.link import Redis, answers, pipelined
from ..retries import circuit
from . import state_change
from .request import Request


def close(redis: Redis, request: Request, jobs: Mapping[str, Job], job_ids: Sequence[str]) -> dict[str, Outcome]:
    return {job_id: _close(redis, request, jobs[job_id]) for job_id in job_ids}


def _close(redis: Redis, request: Request, job: Job) -> Outcome:
    reported = state_change.reported(request, job, job.status)
    pipeline = pipelined(redis)
    circuit.close(pipeline, circuit.name(job.site, job.call.method), job.id, reported)
    (answer,) = answers(pipeline, 1)
    if isinstance(answer, Exception):
        return state_change.not_done(job.id, job.status, answer)
    let_go, unaudited = answer
    if let_go < 0:
        text = _("The circuit of {method} is not open.").format(method=job.call.method)
        return Outcome(job.id, False, job.status, job.status, text)
    return Outcome(job.id, True, job.status, job.status, state_change.NOT_AUDITED if unaudited else "")
