"""Sends a request to a running job, and a command to its worker, in one step with the audit entry (lua/ask.lua).

So the trail says who asked, also when the process that asked dies before the job has obeyed; on a server that takes no
writes nothing is sent. The result is a second entry, written later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..models.jobs import Job
from ..models.outcomes import Outcome
from ..progress import flags
from ..redis.link import Redis, answers, pipelined
from ..rq import commands
from ..rq.records import text
from . import state_change
from .request import Request


@dataclass(frozen=True, slots=True)
class Sent:
    #: asked | already | the state of a job that does not run | failed
    state: str
    audited: bool = True
    #: Whether its worker listens to commands: a message to nobody is lost.
    received: bool = False
    #: Of `failed`: what happened.
    failure: Outcome | None = None


def send(
    redis: Redis, request: Request, job: Job, what: str, seconds: float = 0.0, commands_worker: bool = False
) -> Sent:
    """`what`: a flag of `flags`. `commands_worker`: RQ's own command to stop the job goes out with it."""
    command = commands.stop_job(job.worker, job.id) if commands_worker and job.worker else ("", "")
    # A gentle stop asks in several ways, one after the other.
    detail = what if what != request.action else ""
    reported = state_change.reported(request, job, "asked", detail)
    pipeline = pipelined(redis)
    flags.send(pipeline, job.id, flags.Flag(what, request.actor, request.reason, seconds, command, reported))
    (answer,) = answers(pipeline, 1)
    if isinstance(answer, Exception):
        return Sent("failed", failure=state_change.not_done(job.id, job.status, answer))
    return _sent(answer)


def _sent(answer: Any) -> Sent:
    state, unaudited, received = answer
    return Sent(text(state) or "missing", audited=not unaudited, received=bool(received))
