"""RQ's `enqueue_call` as we know it, in each version that a bench may have; and what stands before it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from rq import Queue
from rq.job import Job

from job_console.engine.rq import enqueueing
from job_console.engine.rq.enqueueing import Asked

PLAIN, COUNT = Queue.enqueue_call, Queue.count


@pytest.fixture(autouse=True)
def left_alone() -> Iterator[None]:
    yield
    enqueueing.uninstall()
    assert Queue.enqueue_call is PLAIN
    assert Queue.count is COUNT


def test_this_rq_is_one_that_we_know() -> None:
    """When this fails, RQ has changed its signature: see `enqueueing.NEEDED`, and what reads those arguments."""
    assert enqueueing.fits(PLAIN)
    assert list(inspect.signature(PLAIN).parameters)[:4] == ["self", "func", "args", "kwargs"]


def test_every_way_to_enqueue_comes_by(queue: Queue) -> None:
    seen: list[dict[str, Any]] = []
    assert enqueueing.install(lambda asked: seen.append(asked.arguments))
    queue.enqueue_call("tests.jobs.say_hello", None, {"name": "one"}, timeout=7)
    queue.enqueue_call(func="tests.jobs.say_hello", args=("two",), meta={"of": "mine"})
    queue.enqueue("tests.jobs.say_hello", "three", job_timeout=9)
    wanted = [each.get("kwargs") or each.get("args") for each in seen]
    assert wanted == [{"name": "one"}, ("two",), ("three",)]
    assert [each.get("timeout") for each in seen] == [7, None, 9]
    assert queue.count == 3


def test_a_call_that_rq_refuses_is_refused_by_rq(queue: Queue) -> None:
    enqueueing.install(lambda asked: asked.arguments and None)
    with pytest.raises(TypeError):
        queue.enqueue_call("tests.jobs.say_hello", func="tests.jobs.say_hello")


def test_a_plan_makes_the_job_in_its_own_way(redis: Any, queue: Queue) -> None:
    def decide(asked: Asked) -> enqueueing.Plan:
        other = Queue("other", connection=redis)
        return lambda make: make(other, {**asked.arguments, "timeout": 77})

    enqueueing.install(decide)
    job = queue.enqueue_call("tests.jobs.say_hello", kwargs={"name": "x"}, timeout=5)
    assert isinstance(job, Job)
    assert (job.origin, job.timeout, job.kwargs) == ("other", 77, {"name": "x"})
    assert queue.count == 0


def test_what_runs_again_is_no_new_job(redis: Any, queue: Queue) -> None:
    job = queue.enqueue_call("tests.jobs.say_hello")
    queue.empty()
    seen: list[Asked] = []
    enqueueing.install(lambda asked: seen.append(asked))
    queue.enqueue_job(job)
    assert (seen, queue.count) == ([], 1)


def test_it_is_installed_once_and_leaves_nothing_behind(queue: Queue) -> None:
    calls: list[int] = []
    assert not enqueueing.installed()
    assert enqueueing.install(lambda asked: calls.append(1))
    assert enqueueing.install(lambda asked: calls.append(2))
    queue.enqueue_call("tests.jobs.say_hello")
    assert calls == [1]


def test_what_is_to_be_asked_goes_with_the_length_of_the_lane(queue: Queue) -> None:
    answers = iter((None, 42))
    enqueueing.install(lambda asked: None, lambda asked: next(answers))
    queue.enqueue_call("tests.jobs.say_hello")
    assert [queue.count, queue.count] == [1, 42]


def test_an_rq_that_we_do_not_know_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Queue, "enqueue_call", lambda self, func, kwargs=None, *, deadline=None: None)
        strange = Queue.enqueue_call
        assert not enqueueing.install(lambda asked: None)
        assert Queue.enqueue_call is strange
