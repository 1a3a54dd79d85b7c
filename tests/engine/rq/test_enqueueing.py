"""RQ's ways to enqueue as we know them, in each version that a bench may have; and what stands before them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from rq import Queue
from rq.job import Job
from rq.registry import ScheduledJobRegistry

from job_console.engine.rq import enqueueing
from job_console.engine.rq.enqueueing import Asked

HELLO = "tests.jobs.say_hello"
#: What is replaced.
NAMES = ("enqueue_call", "enqueue_many", "enqueue_at", "count")
BEFORE = {name: getattr(Queue, name) for name in NAMES}
PLAIN = Queue.enqueue_call


@pytest.fixture(autouse=True)
def left_alone() -> Iterator[None]:
    yield
    enqueueing.uninstall()
    assert {name: getattr(Queue, name) for name in NAMES} == BEFORE


def test_this_rq_is_one_that_we_know() -> None:
    """When this fails, RQ has changed its signature: see `enqueueing.NEEDED`, and what reads those arguments."""
    assert enqueueing.fits(PLAIN)
    assert enqueueing.fits_many(Queue.enqueue_many)
    assert enqueueing.fits_at(Queue.enqueue_at)
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


def in_an_hour() -> datetime:
    return datetime.now(timezone.utc) + timedelta(hours=1)


def test_what_is_enqueued_for_later_or_by_many_comes_by_with_the_names_of_enqueue_call(queue: Queue) -> None:
    seen: list[dict[str, Any]] = []
    enqueueing.install(lambda asked: seen.append(asked.arguments))
    queue.enqueue_at(in_an_hour(), HELLO, "one", job_timeout=7, meta={"of": "mine"}, at_front=True)
    queue.enqueue_in(timedelta(hours=1), HELLO, kwargs={"name": "two"}, job_id="two")
    queue.enqueue_in(timedelta(hours=1), HELLO, name="three")
    queue.enqueue_many([Queue.prepare_data(HELLO, kwargs={"name": "four"}, timeout=9)])
    wanted = [(each["timeout"], each["args"], each["kwargs"]) for each in seen]
    assert wanted == [
        (7, ("one",), {}),
        (None, None, {"name": "two"}),
        (None, (), {"name": "three"}),
        (9, None, {"name": "four"}),
    ]
    assert [each.get("job_id") for each in seen] == [None, "two", None, None]
    assert (seen[0]["meta"], seen[0]["at_front"]) == ({"of": "mine"}, True)
    assert {each["func"] for each in seen} == {HELLO}


def test_a_plan_for_later_is_made_for_that_time_with_all_that_was_asked_for(redis: Any, queue: Queue) -> None:
    other, due = Queue("other", connection=redis), in_an_hour()
    enqueueing.install(lambda asked: lambda make: make(other, {**asked.arguments, "timeout": 77}))
    job = queue.enqueue_at(due, HELLO, "one", job_timeout=7, result_ttl=5, meta={"of": "mine"}, at_front=True)
    found = Job.fetch(job.id, connection=redis)
    assert (found.origin, found.timeout, found.result_ttl, found.meta) == ("other", 77, 5, {"of": "mine"})
    assert (found.args, found.kwargs, found.enqueue_at_front) == (("one",), {}, True)
    assert ScheduledJobRegistry(queue=other).get_scheduled_time(job) == due.replace(microsecond=0)
    assert (queue.count, other.count) == (0, 0)


def test_of_many_those_with_a_plan_are_made_by_it_and_all_keep_their_order(redis: Any, queue: Queue) -> None:
    other = Queue("other", connection=redis)

    def decide(asked: Asked) -> enqueueing.Plan | None:
        name = asked.arguments["kwargs"]["name"]
        plans: dict[str, enqueueing.Plan] = {
            "b": lambda make: make(queue, {**asked.arguments, "timeout": 77}),
            "c": lambda make: make(other, asked.arguments),
            "d": lambda make: "refused",
        }
        return plans.get(name)

    enqueueing.install(decide)
    datas = [Queue.prepare_data(HELLO, kwargs={"name": name}, job_id=name, timeout=5) for name in "abcde"]
    jobs = queue.enqueue_many(data for data in datas)
    assert [getattr(job, "id", job) for job in jobs] == ["a", "b", "c", "refused", "e"]
    assert (queue.job_ids, other.job_ids) == (["a", "b", "e"], ["c"])
    assert [job.timeout for job in queue.jobs] == [5, 77, 5]
    assert queue.enqueue_many([]) == []


def test_many_on_a_pipeline_are_sent_with_it(redis: Any, queue: Queue) -> None:
    enqueueing.install(lambda asked: lambda make: make(asked.queue, {**asked.arguments, "timeout": 77}))
    with redis.pipeline() as pipeline:
        jobs = queue.enqueue_many([Queue.prepare_data(HELLO, kwargs={"name": "a"})], pipeline=pipeline)
        assert queue.count == 0
        pipeline.execute()
    assert (queue.job_ids, queue.jobs[0].timeout) == ([jobs[0].id], 77)


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
    queue.schedule_job(job, in_an_hour())
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


@pytest.mark.parametrize("name", ["enqueue_many", "enqueue_at"])
def test_of_a_method_that_we_do_not_know_the_others_are_still_asked(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Queue, name, lambda self, when, function: None)
        strange, seen = getattr(Queue, name), []
        assert enqueueing.install(lambda asked: seen.append(asked))
        assert getattr(Queue, name) is strange
        queue.enqueue_call(HELLO)
        assert len(seen) == 1
        enqueueing.uninstall()


def test_who_listens_is_told_of_each_job_however_it_is_made_and_until_they_stop(redis: Any, queue: Queue) -> None:
    told: list[tuple[str, datetime | None]] = []
    due = in_an_hour()
    enqueueing.install(lambda asked: (lambda make: make(queue, asked.arguments)) if asked.queue is not queue else None)
    with enqueueing.telling(lambda job, at: told.append((job.id, at))):
        queue.enqueue_call(HELLO, ("one",), job_id="plain")
        Queue("other", connection=redis).enqueue_call(HELLO, ("two",), job_id="planned")
        queue.enqueue_at(due, HELLO, "three", job_id="later")
        queue.enqueue_many([Queue.prepare_data(HELLO, ("four",), job_id="many")])
    queue.enqueue_call(HELLO, ("five",), job_id="unheard")
    assert told == [("plain", None), ("planned", None), ("later", due), ("many", None)]


@pytest.mark.parametrize("planned", [False, True])
def test_what_is_put_off_is_scheduled_with_all_that_was_asked_for(redis: Any, queue: Queue, planned: bool) -> None:
    due = in_an_hour()
    enqueueing.install(lambda asked: (lambda make: make(asked.queue, asked.arguments)) if planned else None)
    with enqueueing.put_off(due):
        job = queue.enqueue_call(HELLO, kwargs={"name": "later"}, timeout=7, job_id="later", meta={"of": "mine"})
    at_once = queue.enqueue_call(HELLO, kwargs={"name": "now"})
    found = Job.fetch("later", connection=redis)
    assert (job.id, found.get_status(), found.timeout, found.meta) == ("later", "scheduled", 7, {"of": "mine"})
    assert (found.kwargs, found.origin) == ({"name": "later"}, queue.name)
    (at,) = redis.zrange(ScheduledJobRegistry(queue=queue).key, 0, -1, withscores=True)
    assert at == (b"later", int(due.timestamp()))
    assert queue.job_ids == [at_once.id]
