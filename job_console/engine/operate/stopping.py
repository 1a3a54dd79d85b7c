"""A worker is told to stop after its job: RQ's own `shutdown` command, which every worker of rq 1.15 to 2.7 hears.

It makes the worker signal itself, as Ctrl+C does: a busy one finishes its job, takes no more and ends; an idle one ends
at once. A second signal would end it together with its job, so a worker that was told is not told again. What keeps
workers running (supervisor, `bench start`, RQ's pool) starts another in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from ..messages import _
from ..redis import keys
from ..redis import limits as redis_limits
from ..redis.link import Redis, answers, pipelined, script
from ..rq import commands
from . import limits


@dataclass(frozen=True, slots=True)
class StopResult:
    ok: bool
    after: str  # stopping | gone | told | as it was
    reason: str = ""
    #: False: it was told, and the audit trail has no entry of that.
    audited: bool = True
    #: What Redis, or the way to it, said: then `ok` is False.
    error: Exception | None = None


def stop_after_job(redis: Redis, name: str, state: str, fields: Sequence[str]) -> StopResult:
    """`fields`: of the audit trail's entry, which is written as it is told."""
    channel, message = commands.shutdown(name)
    if _stopping(redis, name):
        return StopResult(
            False, "stopping", _("It was told to stop already: another signal would end it with its job.")
        )
    listeners: Any = redis.pubsub_numsub(channel)
    if not (listeners and listeners[0][1]):
        return StopResult(False, state, _("It does not listen to commands: it has lost its connection, or is gone."))
    names = (keys.stop_sent(name), keys.AUDIT, keys.AUDIT_JOBS)
    said = (int(limits.STOP_AGAIN_S), channel, message, redis_limits.AUDIT_ENTRIES, *fields)
    pipeline = pipelined(redis)
    pipeline.eval(script("trail") + script("tell_worker"), len(names), *names, *said)
    (answer,) = answers(pipeline, 1)
    if isinstance(answer, Exception):
        return StopResult(False, state, error=answer)
    if not answer[0]:
        return StopResult(
            False, state, _("It was told to stop a moment ago: another signal would end it with its job.")
        )
    return _seen(redis, name, audited=not answer[1])


def _seen(redis: Redis, name: str, audited: bool) -> StopResult:
    until = monotonic() + limits.STOP_WAIT_S
    while monotonic() < until:
        if _gone(redis, name):
            return StopResult(True, "gone", audited=audited)
        if _stopping(redis, name):
            return StopResult(True, "stopping", audited=audited)
        sleep(0.05)
    return StopResult(True, "told", _("It was told, and has not said yet that it obeys."), audited)


def _stopping(redis: Redis, name: str) -> bool:
    return bool(redis.hexists(keys.worker(name), "shutdown_requested_date"))


def _gone(redis: Redis, name: str) -> bool:
    known: Any = redis.hmget(keys.worker(name), "birth", "death")
    return known[0] is None or known[1] is not None
