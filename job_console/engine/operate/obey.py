"""Makes the worker of this process obey holds: it takes no job from a queue that is paused, and none while it is quiet.
The room's docstring says why this is done in the worker.

RQ's worker calls `Queue.dequeue_any` for its next job, repeatedly while it is idle. This one method is wrapped, and
gets only the queues that the worker may take from; the rest of RQ is unchanged.

A failure in here, or a newer RQ that works otherwise, must not keep a worker from its work: then nothing counts as
held. Only when it is not known whether a job was handed back, the worker drops it (the record says queued, and the
ghost is found) rather than run it twice.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from redis.exceptions import RedisError, ResponseError

from ..redis import keys
from ..redis.link import script
from ..stacks import liveness
from . import limits

log = logging.getLogger("job_console")

#: RQ's classes are typed differently in each version.
RqQueue = Any
_WAITS, _TAKES = "dequeue_job_and_maintain_ttl", "dequeue_any"
_MARK = "job_console_obeys"


@dataclass
class _Here:
    """The state of the one worker of this process."""

    name: str = ""
    #: When it is to report again that it obeys.
    reports_at: float = 0.0


_here = _Here()


def install() -> bool:
    """Wrap the method, once in a process, before its worker begins. False: this version of RQ is not known, and is left
    alone.
    """
    from rq import Queue, Worker
    from rq.exceptions import DequeueTimeout

    taking = vars(Queue).get(_TAKES)
    waiting = next((vars(each)[_WAITS] for each in Worker.__mro__ if _WAITS in vars(each)), None)
    home = next((each for each in Worker.__mro__ if _WAITS in vars(each)), None)
    if not isinstance(taking, classmethod) or waiting is None or home is None:
        log.warning("This version of RQ takes its jobs in another way: its workers obey no pause of a queue.")
        return False
    if not hasattr(waiting, _MARK):
        setattr(Queue, _TAKES, classmethod(_obeying(taking.__func__, DequeueTimeout)))
        setattr(home, _WAITS, _known(waiting))
    return True


def _known(waiting: Any) -> Any:
    @functools.wraps(waiting)
    def dequeue_job_and_maintain_ttl(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _here.name != self.name:
            _here.name, _here.reports_at = self.name, 0.0
            _introduce(self.connection, self.name)
        return waiting(self, *args, **kwargs)

    setattr(dequeue_job_and_maintain_ttl, _MARK, True)
    return dequeue_job_and_maintain_ttl


def _introduce(connection: Any, name: str) -> None:
    """It has just registered itself: who it is, so that it is missed when it is killed (`stacks.liveness`)."""
    try:
        liveness.introduce(connection, name)
    except (RedisError, OSError):
        log.debug("A worker could not introduce itself.", exc_info=True)


def _obeying(taking: Any, nothing_yet: type[Exception]) -> Any:
    """The wrapper. `nothing_yet`: the exception by which RQ says that there is no job; the worker then sends a
    heartbeat and asks again.
    """

    @functools.wraps(taking)
    def dequeue_any(
        cls: Any, queues: Any, timeout: int | None, connection: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        queues = list(queues)
        mine = bool(_here.name) and connection is not None
        allowed = _allowed(connection, queues) if mine else queues
        if not allowed and queues:
            if timeout is None:
                return None  # in burst mode: nothing that it may take
            sleep(min(timeout, limits.ASK_EVERY_S))
            raise nothing_yet(timeout, queues)
        waits = timeout
        if timeout is not None and len(allowed) < len(queues):
            waits = min(timeout, max(int(limits.ASK_EVERY_S), 1))
        taken = taking(cls, _as_many(allowed, queues), waits, connection, *args, **kwargs)
        if taken is not None and mine:
            job, queue = taken
            if _given_back(connection, job.id, queue.name):
                raise nothing_yet(timeout, queues)
        return taken

    return dequeue_any


def _as_many(allowed: list[RqQueue], queues: list[RqQueue]) -> list[RqQueue]:
    """The allowed queues, as RQ has to get them. A worker of a single queue moves a job through RQ's intermediate list,
    and only such a worker takes it out there again. So when one of several queues is left, it is named twice.
    """
    return allowed * 2 if len(allowed) == 1 < len(queues) else allowed


def _allowed(connection: Any, queues: Sequence[RqQueue]) -> list[RqQueue]:
    """The queues from which the worker may take jobs now.

        RQ handles a broken connection, when it takes the job. What RQ's signal handlers raise (`StopRequested`, a plain
    |    Exception) is not caught: a worker that is asked to stop stops.
    """
    reports = monotonic() >= _here.reports_at
    kept = str(int(limits.OBEYS_KEPT_S)) if reports else ""
    names = (keys.HOLDS, keys.SUSPENDED, keys.OBEDIENT)
    try:
        answer = connection.eval(
            script("held") + script("may_take"), 3, *names, _here.name, kept, *(queue.name for queue in queues)
        )
    except (RedisError, OSError):
        log.debug("Whether a queue is paused could not be asked.", exc_info=True)
        return list(queues)
    if reports:
        _here.reports_at = monotonic() + limits.OBEYS_EVERY_S
    return [queue for queue, may in zip(queues, answer, strict=True) if may]


def _given_back(connection: Any, job_id: str, queue: str) -> bool:
    try:
        return _handed_back(connection, job_id, queue)
    except RedisError:
        raise
    except Exception:
        # RQ's signal handler has raised: the worker ends, and this job is in its hand.
        _handed_back(connection, job_id, queue, stopping=True)
        raise


def _handed_back(connection: Any, job_id: str, queue: str, stopping: bool = False) -> bool:
    """What it popped when the hold came. Raises what the connection raises: then nobody knows, and it must not run.

    stopping: it goes back whether or not anything is held.
    """
    names = (keys.HOLDS, keys.SUSPENDED, keys.job(job_id), keys.queue(queue), keys.intermediate(queue))
    values = (_here.name, queue, job_id, int(stopping))
    try:
        return bool(connection.eval(script("held") + script("hand_back"), 5, *names, *values))
    except ResponseError:
        log.debug("A job could not be given back.", exc_info=True)
        return False  # the server itself refused, before it changed anything: it runs
