"""Extends the timeout of the run that this process is in, as far as its worker allows.

RQ's timeout is an alarm (SIGALRM) in the process that runs the job, which can set it anew. But the worker kills its
work-horse 60 s after the timeout that it was started with. So a forked run can gain less than a minute; a worker that
does not fork has no parent that kills it, and only the run's lease in Redis has to be extended.
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
    """Extend the run by `seconds`, or by fewer where the worker would kill it earlier. Returns how many; 0: it has no
    alarm.
    """
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
