"""Installs policies for jobs that others enqueue (`everywhere`) in each process of a bench.

Bench's command line loads `job_console.commands`, and with it the workers, the scheduler, the console and migrations. A
web server that bench does not start uses the request hook, and such a worker the job hook. Any other program can call
`install`.

It imports hardly anything; the rest is imported when the process enqueues its first job.
"""

import sys
from contextlib import suppress
from datetime import datetime
from importlib import import_module
from typing import Any

from job_console.engine.rq import enqueueing

_EVERYWHERE = "job_console.runtime.enqueue.everywhere"
_OWN_JOBS = "job_console.runtime.enqueue.own_jobs"


def install() -> bool:
    """Install it in this process, once; further calls are cheap. False: this version of RQ is not known."""
    if enqueueing.installed():
        return True
    enqueueing.tell(_made)
    return enqueueing.install(_decide, _along)


def before_request() -> None:
    with suppress(Exception):
        install()


def after_request(response: object = None, request: object = None) -> None:
    """Write what the request has counted: one round trip, only when it enqueued a job before its data was committed."""
    with suppress(Exception):
        if _EVERYWHERE in sys.modules:
            sys.modules[_EVERYWHERE].write_early()


def _decide(asked: enqueueing.Asked) -> Any:
    try:
        everywhere = import_module(_EVERYWHERE)
    except ImportError:
        return None  # a process that began with another version of ours
    return everywhere.decide(asked)


def _made(job: Any, due: datetime | None) -> None:
    try:
        own_jobs = import_module(_OWN_JOBS)
    except ImportError:
        return  # as above
    own_jobs.note(job)


def _along(queue: Any) -> int | None:
    everywhere = sys.modules.get(_EVERYWHERE)
    return everywhere.along(queue) if everywhere is not None else None
