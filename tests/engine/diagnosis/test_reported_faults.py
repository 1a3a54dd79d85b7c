"""Faults as users of RQ report them, made by real workers and RQ's own operations: what is said, and what mend does."""

from __future__ import annotations

import time
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
from tests.zoo import maintenance

from ...support.processes import Workers
from ..bench import LONG, SHORT, age, ago, enqueue, expire_lease, places, status

Wait = Callable[..., object]
WORK = "tests.engine.diagnosis.odd_work."

pytestmark = pytest.mark.usefixtures("no_reader", "quick_proof")


@pytest.fixture
def plain(redis: Redis) -> Callable[..., Job]:
    """A job of RQ's own, without Frappe's wrapper, so that it may have callbacks."""

    def one(function: str, name: str = "x", **options: Any) -> Job:
        lane = Queue(SHORT, connection=redis)
        return lane.enqueue_call(function, job_id=f"a.localhost||{name}", timeout=300, **options)

    return one


@pytest.fixture
def ends(redis: Redis, workers: Workers, wait_until: Wait) -> Callable[[Job, str], None]:
    """A worker runs it, and is idle afterwards."""

    def run(job: Job, state: str) -> None:
        if not redis.exists(keys.worker("w1")):
            workers.start(SHORT, name="w1")
        wait_until(lambda: status(redis, job.id) == state)
        wait_until(lambda: redis.hget(keys.worker("w1"), "state") == b"idle")

    return run


def reported(console: Console) -> dict[str, dict[str, Any]]:
    console.engine.watch.forget()
    return {each["code"]: each for each in console.warnings.all(prove=True)["warnings"]}


def explained(console: Console, job: Job) -> tuple[list[str], list[tuple[str, str]]]:
    """Sentences, and remedies with their labels."""
    console.engine.watch.forget()
    said = console.jobs.explain(job.id)
    return said["because"], [(each["action"], each["label"]) for each in said["remedies"]]


def mend(console: Console) -> list[tuple[str, bool, str]]:
    console.engine.watch.forget()
    return [(each["job_id"], each["ok"], each["state_after"]) for each in console.warnings.mend()["results"]]


def test_its_process_leaves_and_calls_that_well(
    redis: Redis, console: Console, plain: Callable[..., Job], ends: Callable[[Job, str], None]
) -> None:
    """RQ's worker takes exit code 0 for an end well, is idle, and names the job until it takes another one."""
    job = plain(WORK + "leave")
    ends(job, "started")
    assert redis.hget(keys.worker("w1"), "current_job") == job.id.encode()
    found = reported(console)["worker_lost"]
    assert (found["job_id"], "that worker is idle" in found["message"]) == (job.id, True)
    assert [(each["action"], each["safe"]) for each in found["remedies"]] == [("fail", True), ("requeue", False)]
    (row,) = console.snapshot()["queues"][0]["running"]
    assert (row["lost"], "stop" in row["actions"]) == (True, False)
    assert mend(console) == [(job.id, True, "failed")]
    assert reported(console) == {}


def test_its_worker_is_started_anew_under_the_same_name(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait
) -> None:
    """Nobody waits for its lease to end; its process may go on without its worker, so mend leaves it alone."""
    job = enqueue(redis, "tests.jobs.hang")
    first = workers.start(SHORT, name="w1")
    wait_until(lambda: status(redis, job.id) == "started")
    workers.kill(first, with_horse=False)
    redis.delete(keys.worker("w1"))  # a supervisor waits for that, or RQ refuses the name
    workers.start(LONG, name="w1")
    wait_until(lambda: redis.hget(keys.worker("w1"), "state") == b"idle")
    found = reported(console)["worker_lost"]
    assert "that worker has been started anew since" in found["message"]
    assert not any(each["safe"] for each in found["remedies"])
    assert mend(console) == []


def test_one_broken_callback_keeps_a_whole_lane_running_for_ever(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, plain: Callable[..., Job]
) -> None:
    """RQ's maintenance calls on_failure of what was abandoned, and stops there: the app of that callback is gone. What
    was abandoned besides stays, too, and workers of RQ 2 end as they start."""
    hurt = [plain("tests.jobs.hang", on_failure=Callback("no.such.app.callback")), plain("tests.jobs.hang", "y")]
    crew = [workers.start(SHORT, name=f"w{number}") for number in range(2)]
    wait_until(lambda: {status(redis, job.id) for job in hurt} == {"started"})
    for worker in crew:
        workers.kill(worker)
    for job in hurt:
        expire_lease(redis, job.id)
        age(redis, job.id, 3600, "started_at")
    lane = StartedJobRegistry(queue=Queue(SHORT, connection=redis))
    with pytest.raises(ValueError, match=r"no\.such\.app"):
        lane.cleanup()
    assert [status(redis, job.id) for job in hurt] == ["started", "started"]
    assert "2 jobs of tests.jobs.hang lost their workers" in reported(console)["worker_lost"]["message"]
    assert sorted(mend(console)) == [(job.id, True, "failed") for job in hurt]
    workers.start(SHORT)
    later = plain("tests.jobs.say_hello", "z")
    wait_until(lambda: status(redis, later.id) == "finished")


def test_a_callback_that_fails_after_the_job_does_not_hide_why_the_job_failed(
    console: Console, plain: Callable[..., Job], ends: Callable[[Job, str], None]
) -> None:
    job = plain("tests.jobs.fail", on_failure=Callback(WORK + "broken_callback"))
    ends(job, "failed")
    because, _remedies = explained(console, job)
    assert because[0].endswith("ValueError: on purpose.")
    assert because[1] == "Its on_failure callback failed, too: the traceback ends with that."
    error = console.jobs.show(job.id)["error"]
    assert (error["type"], "the callback is broken" in error["traceback"]) == ("ValueError", True)


def test_a_callback_that_fails_after_the_work_says_that_the_work_is_done(
    console: Console, plain: Callable[..., Job], ends: Callable[[Job, str], None]
) -> None:
    """RQ calls it failed. Who runs it again does all of its work twice."""
    job = plain("tests.jobs.say_hello", on_success=Callback(WORK + "broken_callback"))
    ends(job, "failed")
    because, _remedies = explained(console, job)
    assert "its work was done, then its on_success callback failed" in because[0]
    assert "RuntimeError: the callback is broken" in because[0]
    (remedy,) = console.jobs.explain(job.id)["remedies"]
    assert (remedy["explain"], remedy["safe"]) == ("All of its work is done a second time.", False)


def test_one_that_was_canceled_while_it_runs_is_not_offered_to_run_once_more(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait
) -> None:
    """It would be refused. What waits for it is blocked: RQ asks whether it was canceled, and so it was."""
    workers.start(SHORT, name="w1")
    parent = enqueue(redis, "tests.jobs.slow_until", name="parent", kwargs={"key": "go"})
    child = enqueue(redis, name="child", depends_on=parent.id)
    wait_until(lambda: redis.hget(keys.worker("w1"), "current_job") == parent.id.encode())
    wait_until(lambda: status(redis, parent.id) == "started")
    Job.fetch(parent.id, connection=redis).cancel()
    because, remedies = explained(console, parent)
    assert because[0].startswith("Worker w1 runs it at this moment, though its record says canceled")
    assert remedies == []
    assert reported(console)["blocked_dependency"]["job_id"] == child.id
    redis.set("go", 1)
    wait_until(lambda: status(redis, parent.id) == "finished")
    wait_until(lambda: redis.hget(keys.worker("w1"), "state") == b"idle")
    assert status(redis, child.id) == "deferred", "RQ leaves it"
    found = reported(console)["blocked_dependency"]
    assert (found["job_id"], "nothing enqueued it" in found["message"]) == (child.id, True)


def test_what_ran_under_its_id_meanwhile_is_not_run_again_when_its_retry_is_due(
    redis: Redis, console: Console, ends: Callable[[Job, str], None]
) -> None:
    """RQ leaves the entry of the retry behind. It looks like one of RQ's Repeat, and mend ran the work twice."""
    job = enqueue(redis, "tests.jobs.fail", name="x", retry=Retry(max=3, interval=3600))
    ends(job, "scheduled")
    again = enqueue(redis, name="x")
    ends(again, "finished")
    redis.zadd(keys.registry("scheduled", SHORT), {job.id: time.time() - 900})
    assert "scheduled_overdue" not in reported(console)
    assert mend(console) == []
    (refused,) = console.actions.run("requeue", [job.id])["results"]
    assert (refused["ok"], refused["state_after"]) == (False, "finished")
    because, remedies = explained(console, again)
    assert "It stands among the scheduled ones" in because[0]
    assert remedies == [("delete", "Delete it")]


@pytest.mark.skipif(not hasattr(rq, "Repeat"), reason="this rq has no Repeat")
def test_what_rq_repeats_stands_rightly_among_the_scheduled_ones(
    redis: Redis, console: Console, plain: Callable[..., Job], ends: Callable[[Job, str], None]
) -> None:
    """Nobody is offered to delete it; and one that fails is repeated no more, and says so."""
    job = plain("tests.jobs.say_hello", repeat=rq.Repeat(times=3, interval=600))
    ends(job, "finished")
    because, remedies = explained(console, job)
    assert [each for each in because if "among the scheduled ones" in each] == []
    assert [each for each in because if "to run 3 more times" in each]
    assert remedies == []
    failed = plain("tests.jobs.fail", "y", repeat=rq.Repeat(times=3, interval=600))
    ends(failed, "failed")
    because, _remedies = explained(console, failed)
    assert "3 repeats were left, which will not come unless it is run again" in because[1]


def test_one_that_was_enqueued_after_itself(redis: Redis, console: Console, ends: Callable[[Job, str], None]) -> None:
    """Its id was used again, and named what it is to run after."""
    first = enqueue(redis, "tests.jobs.fail", name="x")
    ends(first, "failed")
    job = enqueue(redis, name="x", depends_on=first.id)
    found = reported(console)["blocked_dependency"]
    assert "it depends on itself: it was enqueued with the id of what it is to run after" in found["message"]
    because, remedies = explained(console, job)
    assert len(because) == 1
    assert [action for action, _label in remedies] == ["requeue", "cancel"]
    (done,) = console.actions.run("requeue", [job.id])["results"]
    assert done["ok"]
    ends(job, "finished")


def test_what_rq_gave_up_between_two_lists_never_began(redis: Redis, console: Console, workers: Workers) -> None:
    """A worker of one queue dies with what it took; RQ's maintenance calls it failed after a minute."""
    job = enqueue(redis)
    workers.start(SHORT, name="w1", extra=("--die", "popped")).wait(15)
    if places(redis, job.id) != [f"intermediate {SHORT}"]:
        pytest.skip("this rq has no such list")
    maintenance.run(redis)
    assert status(redis, job.id) == "failed"
    because, remedies = explained(console, job)
    assert because[0].endswith("its worker died between taking it and starting it.")
    assert remedies[0] == ("retry", "Run it")


def test_an_error_that_is_not_kept_any_more_is_not_said_to_be_none(
    redis: Redis, console: Console, ends: Callable[[Job, str], None]
) -> None:
    job = enqueue(redis, "tests.jobs.fail", name="x")
    ends(job, "failed")
    redis.delete(keys.results(job.id))  # evicted, or trimmed by hand
    because, _remedies = explained(console, job)
    assert because[0].endswith("no error of it is kept.")


def test_two_that_wait_for_each_other_are_offered_what_can_be_done(redis: Redis, console: Console) -> None:
    """To run one before what it waits for is refused; canceled, it blocks the other one no more."""
    first = enqueue(redis, name="a")
    second = enqueue(redis, name="b", depends_on=first.id)
    redis.delete(keys.queue(SHORT))
    enqueue(redis, name="a", depends_on=second.id)
    found = reported(console)["blocked_dependency"]
    assert [each["action"] for each in found["remedies"]] == ["cancel"]
    assert console.actions.run("cancel", [found["job_id"]])["results"][0]["ok"]
    rest = reported(console)["blocked_dependency"]
    assert rest["job_id"] == second.id
    assert [each["action"] for each in rest["remedies"]] == ["requeue", "cancel"]
    assert console.actions.run("requeue", [second.id])["results"][0]["ok"]


def test_one_that_stands_twice_is_canceled_altogether(redis: Redis, console: Console, workers: Workers) -> None:
    """An id that was enqueued twice: canceled once, it would run all the same."""
    job, other = enqueue(redis), enqueue(redis)
    for each in (job, other):
        redis.rpush(keys.queue(SHORT), each.id)
    for action, each, after in (("cancel", job, [f"canceled {SHORT}"]), ("delete", other, [])):
        assert console.actions.run(action, [each.id])["results"][0]["ok"]
        assert places(redis, each.id) == after


def test_a_worker_that_died_as_it_began_and_whose_record_stays(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait
) -> None:
    """Its record came from another server, without its time to live."""
    worker = workers.start(SHORT, name="w1")
    wait_until(lambda: redis.hget(keys.worker("w1"), "state") == b"idle")
    workers.kill(worker)
    redis.persist(keys.worker("w1"))
    redis.hset(keys.worker("w1"), mapping={"state": "started", "last_heartbeat": ago(1_000), "birth": ago(1_000)})
    assert "is idle and has not been heard of for" in reported(console)["worker_stale"]["message"]
