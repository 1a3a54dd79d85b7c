"""Runs that end in ways that RQ tells in a number, in another's words or not at all, as its users report them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
import rq
from redis import Redis
from rq import Queue, Retry
from rq.job import Callback, Job
from rq.registry import StartedJobRegistry

from job_console.engine.redis import keys
from job_console.engine.service import Console

from ...support.processes import Workers
from ..bench import LONG, SHORT, age, expire_lease, places, status

Wait = Callable[..., object]
WORK = "tests.engine.diagnosis.odd_work."

pytestmark = pytest.mark.usefixtures("no_reader", "quick_proof")


@pytest.fixture
def plain(redis: Redis) -> Callable[..., Job]:
    """A job of RQ's own, without Frappe's wrapper."""

    def one(function: str, name: str = "x", queue: str = SHORT, **options: Any) -> Job:
        lane = Queue(queue, connection=redis)
        return lane.enqueue_call(function, job_id=f"a.localhost||{name}", timeout=300, **options)

    return one


def explained(console: Console, job: Job) -> list[str]:
    console.engine.watch.forget()
    return list(console.jobs.explain(job.id)["because"])


def reported(console: Console) -> dict[str, dict[str, Any]]:
    console.engine.watch.forget()
    return {each["code"]: each for each in console.warnings.all(prove=True)["warnings"]}


def test_a_process_that_left_with_an_exit_code_was_not_killed(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, plain: Callable[..., Job]
) -> None:
    """RQ writes `waitpid returned 768` (rq#1038, django-rq#309)."""
    job = plain(WORK + "leave_with", args=(3,))
    workers.start(SHORT, burst=True)
    wait_until(lambda: status(redis, job.id) == "failed")
    assert "its process left with exit code 3, without an exception." in explained(console, job)[0]
    message = reported(console)["killed"]["message"]
    assert "lost its process in the last hour" in message
    assert message.endswith("its process left with exit code 3, without an exception.")


def test_the_time_that_a_callback_may_take_is_its_own(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, plain: Callable[..., Job]
) -> None:
    job = plain("tests.jobs.say_hello", on_success=Callback(WORK + "slow_callback", timeout=1))
    workers.start(SHORT, burst=True)
    wait_until(lambda: status(redis, job.id) == "failed")
    assert "its work was done" in explained(console, job)[0]
    assert explained(console, job)[0].endswith("it ran out of time. That callback may run 1 s.")


def test_what_somebody_stopped_is_not_tried_again_when_its_worker_died_of_that(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, plain: Callable[..., Job]
) -> None:
    """An on_stopped callback that fails ends the worker before it writes down that the job was stopped."""
    job = plain("tests.jobs.hang", on_stopped=Callback(WORK + "broken_callback"), retry=Retry(max=3))
    worker = workers.start(SHORT, name="w1")
    wait_until(lambda: status(redis, job.id) == "started")
    wait_until(lambda: redis.hget(keys.worker("w1"), "current_job") == job.id.encode())
    console.engine.watch.forget()
    console.actions.run("stop", [job.id], reason="wrong month")
    wait_until(lambda: worker.poll() is not None, message="its callback ends the worker")
    found = reported(console)["worker_lost"]
    assert found["message"].endswith("It had been asked to end by tester@here, and nothing wrote down that it did.")
    assert found["remedies"][0]["label"] == "Mark as failed"
    assert "it is not tried again" in found["remedies"][0]["explain"]
    assert console.actions.run("fail", [job.id])["results"][0]["state_after"] == "failed"
    assert redis.lrange(keys.queue(SHORT), 0, -1) == []


@pytest.mark.skipif(not hasattr(rq, "Repeat"), reason="this rq takes a Retry for a result")
def test_one_that_asked_for_another_run_says_so(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, plain: Callable[..., Job]
) -> None:
    """It did not fail: it returned RQ's Retry (rq#2159)."""
    job = plain(WORK + "once_more", args=(3600,))
    workers.start(SHORT, burst=True)
    wait_until(lambda: status(redis, job.id) == "scheduled")
    assert "did not fail, and asked for another one" in explained(console, job)[0]


def test_one_that_will_be_dropped_before_it_begins_says_when(
    redis: Redis, console: Console, plain: Callable[..., Job]
) -> None:
    """RQ's `ttl`: afterwards nobody knows more than an id."""
    first = plain("tests.jobs.say_hello", ttl=90)
    second = plain("tests.jobs.say_hello", "y", LONG, depends_on=first, ttl=90)
    for job in (first, second):
        assert [each for each in explained(console, job) if "it is dropped without a word" in each]
    assert not [each for each in explained(console, plain("tests.jobs.say_hello", "z")) if "dropped" in each]


def test_what_was_made_and_not_enqueued_is_not_gone(redis: Redis, console: Console, plain: Callable[..., Job]) -> None:
    """What waits for it waits on (rq#2275); RQ before 2.4.1 gives it no state."""
    parent = Job.create("tests.jobs.say_hello", id="a.localhost||parent", connection=redis, origin=SHORT)
    parent.save()
    child = plain("tests.jobs.say_hello", "child", depends_on=parent)
    for _state in ("as rq writes it", "without one"):
        assert "blocked_dependency" not in reported(console)
        assert "was made and stands in no queue" in explained(console, child)[0]
        redis.hdel(keys.job(parent.id), "status")


def test_a_host_that_slept_is_called_abandoned_in_our_words_and_what_ended_well_is_not_run_again(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, plain: Callable[..., Job]
) -> None:
    """RQ's maintenance gives up what goes on when the host wakes; the job ends well, and is still listed as failed."""
    job = plain("tests.jobs.slow_until", kwargs={"key": "go"})
    worker = workers.start(SHORT, name="w1")
    wait_until(lambda: status(redis, job.id) == "started")
    wait_until(lambda: len(workers.horses(worker)) == 1)
    asleep = [worker.pid, *workers.horses(worker)]
    for pid in asleep:
        os.kill(pid, signal.SIGSTOP)
    expire_lease(redis, job.id)
    age(redis, job.id, 900, "started_at", "last_heartbeat")
    StartedJobRegistry(queue=Queue(SHORT, connection=redis)).cleanup()
    message = reported(console)["killed"]["message"]
    assert message.endswith("ended in the middle, and RQ's maintenance found that out later.")
    redis.set("go", 1)
    for pid in asleep:
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: status(redis, job.id) == "finished")
    assert f"failed {SHORT}" in places(redis, job.id)
    assert "It is listed as failed, by mistake: its record counts." in explained(console, job)[-1]
    assert console.jobs.explain(job.id)["remedies"] == []
    assert "killed" not in reported(console)


def test_how_long_it_waits_is_not_told_by_a_clock_that_is_ahead(
    redis: Redis, console: Console, plain: Callable[..., Job]
) -> None:
    """`has waited 0 s` was said for hours."""
    job = plain("tests.jobs.say_hello")
    age(redis, job.id, -10_800, "enqueued_at")
    assert "It is next in short." in explained(console, job)


def test_what_was_canceled_between_its_queue_and_its_run_says_so(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, plain: Callable[..., Job]
) -> None:
    """RQ runs it all the same (rq#2160)."""
    job = plain("tests.jobs.slow_until", kwargs={"key": "go"})
    Job.fetch(job.id, connection=redis).cancel()
    redis.rpush(keys.queue(SHORT), job.id)  # as if the worker had taken it a moment before
    workers.start(SHORT, name="w1")
    wait_until(lambda: status(redis, job.id) == "started")
    assert "It was canceled when a worker had taken it already: RQ runs it all the same." in explained(console, job)
    redis.set("go", 1)
    wait_until(lambda: status(redis, job.id) == "finished")
    assert "It was canceled when a worker had it already, and ran all the same" in explained(console, job)[-1]


def test_a_run_that_redis_has_lost_and_that_waits_again_is_told(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, plain: Callable[..., Job]
) -> None:
    """A failover to a replica that had not got the last writes: it runs, and stands in its queue once more."""
    job = plain("tests.jobs.hang")
    record = redis.dump(keys.job(job.id))
    workers.start(SHORT, name="w1")
    wait_until(lambda: redis.hget(keys.worker("w1"), "current_job") == job.id.encode())
    wait_until(lambda: status(redis, job.id) == "started")
    redis.delete(keys.job(job.id), keys.registry("started", SHORT), keys.executions(job.id))
    redis.restore(keys.job(job.id), 0, record)
    redis.rpush(keys.queue(SHORT), job.id)
    assert "it will run once more from short" in reported(console)["duplicated"]["message"]


def test_how_long_it_runs_is_not_told_by_a_clock_that_is_ahead(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, plain: Callable[..., Job]
) -> None:
    """`It is running: for 0 s` was said for hours."""
    job = plain("tests.jobs.hang")
    workers.start(SHORT, name="w1", extra=("--clock", "7200"))
    wait_until(lambda: status(redis, job.id) == "started")
    (said,) = explained(console, job)
    assert said == "It is running. Worker: w1. How long it runs is not known: its worker's clock is ahead of Redis's."


def test_an_idle_worker_whose_clock_is_behind_has_been_heard_of(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait
) -> None:
    """It was called silent for as long as its clock was behind."""
    workers.start(SHORT, name="w1", extra=("--clock", "-7200"))
    wait_until(lambda: redis.hget(keys.worker("w1"), "state") == b"idle")
    assert "worker_stale" not in reported(console)
    redis.expire(keys.worker("w1"), 20)
    assert "is idle and has not been heard of for 2 h" in reported(console)["worker_stale"]["message"]


def test_one_that_waits_for_very_many_is_told_about_all_of_them(
    redis: Redis, console: Console, plain: Callable[..., Job]
) -> None:
    """Nothing was said of it, and other deferred jobs could be hidden by it: 200 were looked at in all."""
    parents = [plain("tests.jobs.say_hello", f"p{number}") for number in range(230)]
    many = plain("tests.jobs.say_hello", "many", depends_on=parents)
    few = plain("tests.jobs.say_hello", "few", depends_on=[plain("tests.jobs.say_hello", "q")])
    assert "blocked_dependency" not in reported(console)
    assert explained(console, many)[-1] == "And for 227 more jobs."
    redis.delete(keys.queue(SHORT), *(keys.job(each.id) for each in parents[:-1]))
    assert explained(console, many) == ["Still to end of the jobs that it waits for: 1."]
    redis.delete(keys.job(parents[-1].id), keys.job("a.localhost||q"))
    reason = "is gone, and none of the others is still to end"
    assert reason in explained(console, many)[0]
    assert console.jobs.explain(few.id)["remedies"]
    message = reported(console)["blocked_dependency"]["message"]
    assert "2 jobs of tests.jobs.say_hello" in message


@pytest.mark.parametrize("due", [1.7961e12, "inf"])
def test_a_time_in_milliseconds_is_no_date(
    redis: Redis, console: Console, plain: Callable[..., Job], due: float | str
) -> None:
    """It was said to stand in no list."""
    job = plain("tests.jobs.say_hello")
    redis.delete(keys.queue(SHORT))
    redis.hset(keys.job(job.id), "status", "scheduled")
    redis.zadd(keys.registry("scheduled", SHORT), {job.id: due})
    assert "for a time that is no date, as when milliseconds" in explained(console, job)[0]
    redis.delete(keys.registry("scheduled", SHORT))
    assert explained(console, job)[-1] == "It is to run later, but stands in no list that says when."
