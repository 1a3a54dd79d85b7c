"""Work for the tests' real workers, with the hooks that a horse of Frappe has around its jobs."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from rq import get_current_job

from job_console.engine.host import duty_thread
from job_console.engine.policies import store as policy_store
from job_console.engine.progress import flags
from job_console.engine.progress.early_exit import StopAsked
from job_console.engine.redis import keys
from job_console.engine.redis.link import pipelined
from job_console.engine.retries import circuit, end_of_run, store
from job_console.engine.retries.models import from_json
from job_console.engine.rq import call as calls

HOOKED = f"{__name__}.hooked"
#: And with what such a horse does last: something waits, so there must be somebody who sees to it.
KEPT = f"{__name__}.kept"
#: How often each job ran, and how often it did its work to the end.
RUNS, DONE = "test:runs", "test:done"
DOWN = "test:down"
#: Which callbacks were called.
CALLED = "test:called"
#: Ids of those that run now.
NOW = "test:now"


def hooked(site: str, method: str, kwargs: dict[str, Any], **wrapper: Any) -> Any:
    """As `runtime.run.retries` does it around Frappe's `execute_job`."""
    job = get_current_job()
    redis = job.connection
    asked = calls.wrapped({"site": site, "method": method, "kwargs": kwargs, **wrapper})
    pipeline = pipelined(redis)
    policy_store.ask(pipeline, site, asked)
    pipeline.get(keys.tries(job.id))
    found, tried = pipeline.execute()
    policy, before = policy_store.answer(redis, site, asked, found), from_json(tried, job.created_at)
    try:
        return WORK[method.rpartition(".")[2]](job, **kwargs)
    finally:
        error = sys.exc_info()[1]
        pipeline = pipelined(redis)
        end_of_run.ended(pipeline, job, policy, before, error, circuit.name(site, method))
        store.move_due(pipeline, datetime.now(timezone.utc), 20)
        pipeline.execute()


def kept(**given: Any) -> Any:
    redis = get_current_job().connection
    try:
        return hooked(**given)
    finally:
        see_to(redis)


def see_to(redis: Any) -> None:
    pipeline = pipelined(redis)
    duty_thread.ask(pipeline)
    duty_thread.see_to(redis, pipeline.execute()[0], "bench:")


def _fail_at_first(job: Any, times: int = 1, kind: str = "ValueError") -> str:
    if job.connection.hincrby(RUNS, job.id, 1) <= times:
        raise {"ValueError": ValueError, "ConnectionError": ConnectionError}[kind]("not this time")
    job.connection.hincrby(DONE, job.id, 1)
    return "done"


def _die_at_first(job: Any, times: int = 1, worker: bool = False) -> str:
    if job.connection.hincrby(RUNS, job.id, 1) <= times:
        if worker:
            os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    job.connection.hincrby(DONE, job.id, 1)
    return "done"


def _dice(job: Any, share: float, kills: float = 0.0) -> None:
    """Fails in a share of its runs, and is killed in another."""
    redis = job.connection
    redis.hincrby(RUNS, job.id, 1)
    if not redis.sadd(NOW, job.id):
        redis.incr("test:two_at_once")
    dice = random.random()
    if dice < kills:
        redis.srem(NOW, job.id)
        os.kill(os.getpid(), signal.SIGKILL)
    redis.srem(NOW, job.id)
    if dice < kills + share:
        raise ConnectionError("not this time")
    redis.hincrby(DONE, job.id, 1)


def _while_down(job: Any) -> None:
    """Fails while the service is down."""
    job.connection.hincrby(RUNS, job.id, 1)
    if job.connection.exists(DOWN):
        raise ConnectionError("the service does not answer")
    job.connection.hincrby(DONE, job.id, 1)


def _until_stopped(job: Any) -> None:
    """Runs until somebody asks it to stop, as a job with `progress` does."""
    job.connection.hincrby(RUNS, job.id, 1)
    while flags.STOP not in flags.read(job.connection, job.id):
        time.sleep(0.02)
    raise StopAsked("Stopped by somebody")


def _fails_when_stopped(job: Any) -> None:
    """Catches it, and makes an error of its own of it."""
    try:
        _until_stopped(job)
    except StopAsked:
        raise ConnectionError("it was closed while it was used") from None


def _deaf(job: Any) -> None:
    job.connection.hincrby(RUNS, job.id, 1)
    time.sleep(300)


WORK: dict[str, Callable[..., Any]] = {
    "fail_at_first": _fail_at_first,
    "die_at_first": _die_at_first,
    "dice": _dice,
    "while_down": _while_down,
    "until_stopped": _until_stopped,
    "fails_when_stopped": _fails_when_stopped,
    "deaf": _deaf,
}


def failed(job: Any, connection: Any, *_error: Any) -> None:
    connection.sadd(CALLED, "failed")


def stopped(job: Any, connection: Any) -> None:
    connection.sadd(CALLED, "stopped")
