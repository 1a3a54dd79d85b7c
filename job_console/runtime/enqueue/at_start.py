"""Where policies for what is enqueued by others (`everywhere`) come into each process of a bench.

Bench's command line loads `job_console.commands`, and so do its workers, its scheduler, its console and its migrations;
a web server that is no command of bench has the hook of its requests, and a worker that is none the hook of its jobs. A
program of one's own calls `install`.

Loads next to nothing: what it takes to decide is imported by the first job that the process enqueues.
"""

import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

from job_console.engine.rq import enqueueing

_EVERYWHERE = "job_console.runtime.enqueue.everywhere"


def install() -> bool:
    """In this process, once; cheap to ask for again. False: this RQ is not one that we know."""
    return enqueueing.installed() or enqueueing.install(_decide, _along)


def before_request() -> None:
    with suppress(Exception):
        install()


def after_request(response: object = None, request: object = None) -> None:
    """What the request has counted is written down: one round trip, where it enqueued something too early."""
    with suppress(Exception):
        if _EVERYWHERE in sys.modules:
            sys.modules[_EVERYWHERE].write_early()


def _decide(asked: enqueueing.Asked) -> Any:
    try:
        everywhere = import_module(_EVERYWHERE)
    except ImportError:
        return None  # a process that began with another version of ours
    return everywhere.decide(asked)


def _along(queue: Any) -> int | None:
    everywhere = sys.modules.get(_EVERYWHERE)
    return everywhere.along(queue) if everywhere is not None else None
