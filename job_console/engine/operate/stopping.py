"""A worker is told to stop after its job: RQ's own `shutdown` command, which every worker of rq 1.15 to 2.7 hears.

It makes the worker signal itself, as Ctrl+C does: a busy one finishes its job, takes no more and ends; an idle one ends
at once. A second signal would end it together with its job, so a worker that was told is not told again. What keeps
workers running (supervisor, `bench start`, RQ's pool) starts another in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from ..redis import keys
from ..redis.link import Redis
from . import limits


@dataclass(frozen=True, slots=True)
class StopResult:
    ok: bool
    after: str  # stopping | gone | told | as it was
    reason: str = ""


def stop_after_job(redis: Redis, name: str, state: str) -> StopResult:
    from rq.command import PUBSUB_CHANNEL_TEMPLATE, send_shutdown_command  # rq: loaded by those alone who stop one

    if _stopping(redis, name):
        return StopResult(False, "stopping", "It was told to stop already: another signal would end it with its job.")
    listeners: Any = redis.pubsub_numsub(PUBSUB_CHANNEL_TEMPLATE % name)
    if not (listeners and listeners[0][1]):
        return StopResult(False, state, "It does not listen to commands: it has lost its connection, or is gone.")
    if not redis.set(keys.stop_sent(name), 1, nx=True, ex=int(limits.STOP_AGAIN_S)):
        return StopResult(False, state, "It was told to stop a moment ago: another signal would end it with its job.")
    send_shutdown_command(redis, name)
    return _seen(redis, name)


def _seen(redis: Redis, name: str) -> StopResult:
    until = monotonic() + limits.STOP_WAIT_S
    while monotonic() < until:
        if _gone(redis, name):
            return StopResult(True, "gone")
        if _stopping(redis, name):
            return StopResult(True, "stopping")
        sleep(0.05)
    return StopResult(True, "told", "It was told, and has not said yet that it obeys.")


def _stopping(redis: Redis, name: str) -> bool:
    return bool(redis.hexists(keys.worker(name), "shutdown_requested_date"))


def _gone(redis: Redis, name: str) -> bool:
    known: Any = redis.hmget(keys.worker(name), "birth", "death")
    return known[0] is None or known[1] is not None
