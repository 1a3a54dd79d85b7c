"""More time for the run that this process is in, as far as its worker lets it.

RQ's timeout is an alarm in the process that runs the job: it can be put off from inside. But the parent of a forked
horse kills it 60 s after the timeout that it knows, and cannot be given another one. So a forked run gets less than
that minute; a worker that does not fork has nobody behind it, and only its lease must be made longer.
"""

from __future__ import annotations

import os
import signal
from typing import Any

from ..redis import keys
from ..redis.link import Redis, script
from . import limits
from .hand_over import RunningJob


def grant(redis: Redis, job: RunningJob, seconds: float) -> float:
    """Put the alarm off by so many seconds, or as many as are honest. Returns how many; 0: it has no alarm."""
    left, _interval = signal.getitimer(signal.ITIMER_REAL)
    if left <= 0:
        return 0.0
    pid: Any = redis.hget(keys.worker(job.worker_name or ""), "pid")
    own_process = pid is not None and int(pid) == os.getpid()
    granted = seconds if own_process else min(seconds, limits.EXTEND_FORKED_S)
    if own_process:
        names = (keys.registry("started", job.origin), keys.executions(job.id), keys.worker(job.worker_name))
        redis.eval(script("more_time"), len(names), *names, job.id, int(granted))
    signal.setitimer(signal.ITIMER_REAL, left + granted)
    return granted
