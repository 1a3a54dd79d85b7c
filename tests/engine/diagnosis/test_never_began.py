"""Failures that come before the work begins: nothing was done, and to run it again does nothing twice."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from job_console.engine.models.jobs import Failure
from job_console.engine.redis import keys
from job_console.engine.rq.never_began import ARGUMENTS, METHOD, SITE, why
from job_console.engine.service import Console

from ...support.processes import Workers
from ..bench import SHORT, status

Wait = Callable[..., object]

#: A call of a function that was pickled by its name, as `frappe.enqueue(function)` does; its module is gone since.
GONE = zlib.compress(
    pickle.dumps(("tests.jobs.say_hello", None, (), {"name": pickle.loads})).replace(b"_pickle", b"_gonext")
)

CASES = {
    "no such module": ("no.such.app.pull", {}, "did not find its method"),
    "no such function": ("tests.jobs.renamed", {}, "did not find its method"),
    "older arguments": ("tests.jobs.hang", {"concurrency": 1}, "does not take these arguments"),
}


@pytest.mark.parametrize(("method", "kwargs", "said"), CASES.values(), ids=CASES)
def test_a_worker_of_another_version_of_the_code(
    method: str, kwargs: dict[str, Any], said: str, redis: Redis, console: Console, workers: Workers, wait_until: Wait
) -> None:
    """frappe#25665, frappe/press#5977: all jobs failed until the workers were restarted."""
    job = Queue(SHORT, connection=redis).enqueue_call(method, kwargs=kwargs, job_id="a.localhost||x")
    workers.start(SHORT, burst=True)
    wait_until(lambda: status(redis, job.id) == "failed")
    explained = console.jobs.explain(job.id)
    assert said in explained["because"][1]
    (remedy,) = explained["remedies"]
    assert (remedy["label"], remedy["explain"]) == ("Run it", "It never began, so it runs for the first time.")


def test_a_payload_that_names_what_is_gone(redis: Redis, console: Console, workers: Workers, wait_until: Wait) -> None:
    """RQ's own error has no message; what it came from has."""
    job = Queue(SHORT, connection=redis).enqueue_call("tests.jobs.say_hello", job_id="a.localhost||x")
    redis.hset(keys.job(job.id), "data", GONE)
    workers.start(SHORT, burst=True)
    wait_until(lambda: status(redis, job.id) == "failed")
    because = console.jobs.explain(job.id)["because"]
    assert "its worker could not load it: ModuleNotFoundError: No module named '_gonext'" in because[0]
    assert "did not find its method" in because[1]


def test_a_payload_of_another_serializer(redis: Redis, console: Console, workers: Workers, wait_until: Wait) -> None:
    """rq#1357: a queue writes JSON, and its workers were started without that."""
    lane = Queue(SHORT, connection=redis, serializer=JSONSerializer)
    job = lane.enqueue_call("tests.jobs.say_hello", job_id="a.localhost||x")
    workers.start(SHORT, burst=True)
    wait_until(lambda: status(redis, job.id) == "failed")
    explained = console.jobs.explain(job.id)
    assert "its worker could not load it: UnpicklingError" in explained["because"][0]
    assert "which another serializer has written" in explained["because"][1]
    assert explained["remedies"][0]["explain"] == "It never began, so it runs for the first time."


def traceback(*frames: str, error: str) -> Failure:
    lines = ["Traceback (most recent call last):"]
    for frame in frames:
        file, _dot, name = frame.rpartition(":")
        lines += [f'  File "/home/frappe/bench/{file}", line 7, in {name}', "    whatever stands there by now"]
    kind, _colon, message = error.partition(": ")
    return Failure(kind, message, "\n".join([*lines, error, ""]))


RQ = ("env/lib/rq/worker.py:perform_job", "env/lib/rq/job.py:perform", "env/lib/rq/job.py:_execute")
FRAPPE = (*RQ, "apps/frappe/frappe/utils/background_jobs.py:execute_job")
GET_ATTR = ("apps/frappe/frappe/__init__.py:get_attr", "apps/frappe/frappe/__init__.py:get_module")
INIT = ("apps/frappe/frappe/__init__.py:init", "apps/frappe/frappe/config.py:get_site_config")
WITHIN = "apps/shop/shop/stock.py:pull"

FAILURES = {
    "renamed": (traceback(*FRAPPE, GET_ATTR[0], error="AttributeError: module 'shop' has no attribute 'pull'"), METHOD),
    "uninstalled": (traceback(*FRAPPE, *GET_ATTR, error="ModuleNotFoundError: No module named 'shop'"), METHOD),
    "its module fails": (traceback(*FRAPPE, *GET_ATTR, "x/stock.py:<module>", error="ImportError: no name"), METHOD),
    "other arguments": (
        traceback(*FRAPPE, error="TypeError: pull() got an unexpected keyword argument 'n'"),
        ARGUMENTS,
    ),
    "another wrapper": (traceback(*RQ, error="TypeError: execute_job() missing 1 required argument: 'x'"), ARGUMENTS),
    "dropped": (traceback(*FRAPPE, *INIT, error="IncorrectSitePath: old.test does not exist"), SITE),
    "within: import": (traceback(*FRAPPE, WITHIN, error="ModuleNotFoundError: No module named 'pandas'"), None),
    "within: attribute": (traceback(*FRAPPE, WITHIN, error="AttributeError: 'NoneType' has no attribute 'n'"), None),
    "within: arguments": (traceback(*FRAPPE, WITHIN, error="TypeError: g() missing 1 required argument: 'x'"), None),
    "within: type": (traceback(*FRAPPE, error="TypeError: 'NoneType' object is not callable"), None),
    "no frames": (Failure("AttributeError", "x", "AttributeError: x"), None),
}


@pytest.mark.parametrize(("failure", "expected"), FAILURES.values(), ids=FAILURES)
def test_what_frappes_frames_tell(failure: Failure, expected: str | None) -> None:
    assert why(failure) == expected
