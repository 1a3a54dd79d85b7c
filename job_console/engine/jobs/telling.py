"""What a running job is asked, and its worker told: in one step with its entry in the audit trail (lua/ask.lua).

So whoever looks into the trail finds who asked, also when the process that asked dies before the job has obeyed; and on
a server that takes no writes nobody is told. What came of it is a second entry, later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..history import audit
from ..models.jobs import Job
from ..models.outcomes import AuditEntry, Outcome
from ..progress import flags
from ..redis.link import Redis, answers, pipelined
from ..rq import commands
from ..rq.records import text
from . import state_change
from .request import Request


@dataclass(frozen=True, slots=True)
class Told:
    #: asked | already | the state of a job that does not run | failed
    state: str
    audited: bool = True
    #: Whether its worker listens to commands: a message to nobody is lost.
    heard: bool = False
    #: Of `failed`: what happened.
    failure: Outcome | None = None


def tell(redis: Redis, request: Request, job: Job, what: str, seconds: float = 0.0, tells_worker: bool = False) -> Told:
    """`what`: a flag of `flags`. `tells_worker`: RQ's own command to stop the job goes out with it."""
    letter = commands.stop_job(job.worker, job.id) if tells_worker and job.worker else ("", "")
    reported = audit.of(_entry(request, job, what))
    pipeline = pipelined(redis)
    flags.send(pipeline, job.id, flags.Wish(what, request.actor, request.reason, seconds, letter, reported))
    (answer,) = answers(pipeline, 1)
    if isinstance(answer, Exception):
        return Told("failed", failure=state_change.not_done(job.id, job.status, answer))
    return _told(answer)


def _told(answer: Any) -> Told:
    state, untold, heard = answer
    return Told(text(state) or "missing", audited=not untold, heard=bool(heard))


def _entry(request: Request, job: Job, what: str) -> AuditEntry:
    return AuditEntry(
        actor=request.actor,
        action=request.action,
        job_id=job.id,
        ok=True,
        state_before=job.status,
        state_after="asked",
        reason=request.reason,
        queue=job.queue,
        site=job.site,
        # A gentle stop asks in several ways, one after the other.
        detail=what if what != request.action else "",
    )
