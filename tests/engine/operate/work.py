"""Work that says in which order it ran; and a method that may be paused, as the app's hooks see to it in a bench."""

from __future__ import annotations

import time
from typing import Any

from redis import Redis
from rq import Queue, get_current_job
from rq.job import Job

from job_console.engine.models.holds import of_method
from job_console.engine.operate import obey, paused_methods
from job_console.engine.progress import early_exit, hand_over
from tests.jobs import wrapped

from ..bench import SHORT

RAN = "test:ran"
NOTED, HELD = f"{__name__}.noted", f"{__name__}.held"
METHOD = "shop.stock.sync"


def noted(number: str, takes_s: float = 0.0, **_: Any) -> None:
    time.sleep(takes_s)
    get_current_job().connection.rpush(RAN, number)


def held(site: str, method: str, kwargs: dict[str, Any], **_: Any) -> None:
    """What before_job does, and then the job."""
    job = get_current_job()
    paused_methods.ask(job.connection, site, method)
    hold = paused_methods.held(
        job.connection.hget("rq:job_console:holds", f"method|{of_method(site, method)}"), site, method
    )
    if hold is not None and paused_methods.keep(job.connection, hold, job.id):
        hand_over.park(job)
        raise early_exit.Parked("paused")
    noted(kwargs["number"])


def learn_to_obey(**_: Any) -> None:
    """What importing the app's hooks does in a worker that does not fork, and that nobody told before it began."""
    assert obey.install()


def enqueue(redis: Redis, number: object, queue: str = SHORT, **more: Any) -> Job:
    kwargs = {"number": str(number), **more}
    return Queue(queue, connection=redis).enqueue_call(
        NOTED, kwargs=kwargs, timeout=60, job_id=f"a.localhost||{number}"
    )


def enqueue_held(redis: Redis, number: object, site: str = "a.localhost") -> Job:
    call = wrapped(METHOD, site=site, number=str(number))
    return Queue(SHORT, connection=redis).enqueue_call(HELD, kwargs=call, timeout=60, job_id=f"{site}||{number}")


def ran(redis: Redis) -> list[str]:
    found: Any = redis.lrange(RAN, 0, -1)
    return [each.decode() for each in found]


def waiting(redis: Redis, queue: str = SHORT) -> list[str]:
    """Numbers, in the order of RQ's own list."""
    found: Any = redis.lrange(f"rq:queue:{queue}", 0, -1)
    return [each.decode().rpartition("||")[2] for each in found]
