"""Workers and horses that are killed, and are told on their host within seconds: real processes, real signals."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from redis import Redis
from rq import Retry

from job_console.engine.host.reader import Reader
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine
from job_console.engine.stacks import arming, liveness
from job_console.engine.stacks import limits as stacks_limits
from job_console.engine.watch.past_duty import keep_picture
from job_console.engine.watch.watch import Look

from ...support.processes import Workers, kill
from ..bench import SHORT, enqueue, iso, places, status
from .conftest import gone

Wait = Callable[..., object]


pytestmark = pytest.mark.usefixtures("no_reader")


def lost(console: Console) -> list[dict[str, Any]]:
    console.engine.watch.forget()
    return [each for each in console.warnings.all()["warnings"] if each["code"] == "worker_lost"]


def snapshot(console: Console) -> dict[str, Any]:
    console.engine.watch.forget()
    return dict(console.snapshot())


def row(console: Console) -> dict[str, Any]:
    (found,) = snapshot(console)["queues"][0]["running"]
    return dict(found)


@pytest.mark.parametrize("fork", [True, False])
def test_both_are_killed(redis: Redis, console: Console, running: Any, kill_both: Any, fork: bool) -> None:
    """One look tells; marking as failed is safe and works at once, though the worker's record lives."""
    job, worker = running(fork=fork)
    assert lost(console) == []
    kill_both(worker)
    (warning,) = lost(console)
    assert f"lost its worker: process {worker.pid} on {arming.host().partition(':')[0]} is gone" in warning["message"]
    assert warning["evidence"]["job_runs"] is False
    assert [(each["action"], each["safe"]) for each in warning["remedies"]] == [("fail", True), ("requeue", False)]
    assert redis.hget(keys.worker("w1"), "current_job") == job.id.encode(), "nothing of RQ's has noticed"
    console.engine.watch.forget()
    (result,) = console.warnings.mend()["results"]
    assert (result["ok"], result["state_after"]) == (True, "failed")
    assert places(redis, job.id) == [f"failed {SHORT}"]
    assert lost(console) == []


def test_every_place_says_that_it_is_lost(console: Console, running: Any, kill_both: Any) -> None:
    job, worker = running()
    before = snapshot(console)
    assert before["queues"][0]["workers"]["busy"] == 1
    assert (row(console)["lost"], "stop" in row(console)["actions"]) == (False, True)
    kill_both(worker)
    reported = snapshot(console)
    lane = reported["queues"][0]
    assert (lane["workers"]["busy"], lane["workers"]["idle"], lane["drain_s"]) == (0, 0, None)
    assert [each["code"] for each in reported["warnings"]] == ["worker_lost"]
    (listed,) = reported["workers"]
    assert (listed["state"], listed["job_id"]) == ("gone", job.id)
    assert f"Process {worker.pid}" in listed["gone"]
    for shown in (row(console), console.jobs.page(status="started")["jobs"][0], console.jobs.show(job.id)):
        assert shown["lost"] is True
        assert f"process {worker.pid}" in shown["lost_reason"]
        assert shown["actions"] == ["fail", "requeue"]
    assert "lost its worker" in console.jobs.explain(job.id)["because"][0]


def test_the_worker_alone_is_killed(
    redis: Redis, console: Console, workers: Workers, running: Any, wait_until: Wait, quick_proof: None
) -> None:
    """The job goes on: nothing that would run it twice is offered or done; it ends as it would have."""
    job, worker = running(timeout=600)
    (horse,) = workers.horses(worker)
    workers.kill(worker, with_horse=False)
    wait_until(lambda: lost(console))
    (warning,) = lost(console)
    assert f"process {horse} goes on with the job" in warning["message"]
    assert [(each["action"], each["safe"]) for each in warning["remedies"]] == [("stop_gently", False)]
    assert (row(console)["lost"], row(console)["actions"]) == (False, ["stop_gently"])
    assert f"process {horse} goes on" in row(console)["lost_reason"]
    for action in ("fail", "requeue"):
        (result,) = console.actions.run(action, [job.id], "a test")["results"]
        assert not result["ok"]
    kill(horse)
    wait_until(gone(horse))
    (warning,) = lost(console)
    assert warning["remedies"][0]["safe"]


def test_a_worker_that_is_killed_right_after_its_fork(
    redis: Redis, console: Console, workers: Workers, elsewhere: Any, wait_until: Wait, quick_proof: None
) -> None:
    """Its run has another parent by the time that it says who it is."""
    job = enqueue(redis, "tests.jobs.orphaned", timeout=600)
    worker = workers.start(SHORT, name="w1")
    wait_until(lambda: redis.hexists(keys.ARMED, job.id), timeout=15, message="it runs")
    (horse,) = workers.horses(worker)
    noted = json.loads(redis.get(keys.process("w1")))
    assert (noted["pid"], noted["parent"] == worker.pid) == (horse, False)
    wait_until(lambda: lost(console))
    (warning,) = lost(console)
    assert f"process {horse} goes on with the job" in warning["message"]
    kill(horse)
    wait_until(gone(horse))
    assert lost(console)[0]["remedies"][0]["safe"]
    assert list(liveness.publish(redis, ["w1"])) == ["w1"], "as the reader of the host does it"
    elsewhere()
    assert lost(console)[0]["remedies"][0]["safe"]


def test_a_later_worker_of_its_name_is_not_its_worker(redis: Redis, console: Console, running: Any) -> None:
    """Which may live where its processes are not seen from here."""
    _job, worker = running()
    said = json.loads(redis.get(keys.process("w1")))
    redis.set(keys.process("w1"), json.dumps({**said, "pid": 2**22, "parent": 1, "at": said["at"] - 60}))
    redis.hset(keys.worker("w1"), "pid", 2**22 + 1)
    assert lost(console) == []
    assert liveness.publish(redis, ["w1"]) == {}
    assert worker.poll() is None


def test_the_horse_alone_is_killed(
    redis: Redis, console: Console, workers: Workers, running: Any, wait_until: Wait
) -> None:
    job, worker = running()
    (horse,) = workers.horses(worker)
    kill(horse)
    wait_until(lambda: status(redis, job.id) == "failed")
    assert lost(console) == []
    (listed,) = snapshot(console)["workers"]
    assert (listed["state"], listed["gone"]) == ("idle", None)


def test_a_stopped_worker_is_not_dead(
    redis: Redis, console: Console, workers: Workers, running: Any, wait_until: Wait
) -> None:
    _job, worker = running()
    try:
        for pid in (worker.pid, *workers.horses(worker)):
            os.kill(pid, signal.SIGSTOP)
        assert lost(console) == []
        assert liveness.publish(redis, ["w1"]) == {}
        assert row(console)["lost"] is False
    finally:
        for pid in (worker.pid, *workers.horses(worker)):
            os.kill(pid, signal.SIGCONT)


def test_a_pid_that_another_process_has_now(redis: Redis, console: Console, running: Any) -> None:
    """It has another birth: what the worker was is gone, and whoever has its pid is not the worker."""
    running()
    other = {"pid": os.getpid(), "parent": os.getpid(), "born": 1, "parent_born": 1}
    said = json.loads(redis.get(keys.process("w1")))
    redis.set(keys.process("w1"), json.dumps({**said, **other}))
    assert lost(console) == [], "the record names another pid: nothing is proven"
    redis.hset(keys.worker("w1"), "pid", os.getpid())
    (warning,) = lost(console)
    assert f"process {os.getpid()}" in warning["message"]


def test_on_another_host_the_reader_of_theirs_tells(
    redis: Redis, engine: Engine, console: Console, running: Any, kill_both: Any, elsewhere: Any
) -> None:
    _job, worker = running()
    reader = Reader(redis)
    reader.see_who_is_there()
    assert not redis.exists(keys.process_ended("w1"))
    kill_both(worker)
    theirs = arming.host()
    elsewhere()
    assert lost(console) == [], "nobody there has looked"
    assert liveness.publish(redis, ["w1"]) == {}, "and this host proves nothing of theirs"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arming, "host", lambda: theirs)
        reader.see_who_is_there()
    assert 0 < redis.ttl(keys.process_ended("w1")) <= stacks_limits.PRESENCE_TTL_S
    (warning,) = lost(console)
    assert warning["remedies"][0]["safe"]
    (result,) = console.warnings.mend()["results"]
    assert (result["ok"], result["state_after"]) == (True, "failed")


def test_a_heartbeat_after_the_finding_refutes_it(redis: Redis, console: Console, running: Any, kill_both: Any) -> None:
    """Whoever beats is there, whatever was found: its record may have been written anew by another one of its name."""
    job, worker = running()
    kill_both(worker)
    assert lost(console)
    redis.hset(keys.worker("w1"), "last_heartbeat", iso(datetime.now(timezone.utc) + timedelta(seconds=5)))
    assert lost(console) == []
    (result,) = console.actions.run("fail", [job.id], "a test")["results"]
    assert (result["ok"], result["state_after"]) == (False, "started")


def test_a_worker_that_never_let_itself_be_seen_is_not_judged(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, kill_both: Any
) -> None:
    job = enqueue(redis, "tests.jobs.hang")
    worker = workers.start(SHORT, name="w1")
    wait_until(lambda: status(redis, job.id) == "started")
    kill_both(worker)
    assert lost(console) == []


@pytest.mark.parametrize("left", [1, 2])
def test_attempts_that_rq_has_left(redis: Redis, console: Console, running: Any, kill_both: Any, left: int) -> None:
    job, worker = running(retry=Retry(max=left))
    kill_both(worker)
    (warning,) = lost(console)
    assert (warning["remedies"][0]["label"], warning["remedies"][0]["safe"]) == ("Try it again", True)
    console.warnings.mend()
    assert places(redis, job.id) == [f"queued {SHORT}"]


def test_looking_takes_no_further_round_trip(
    redis: Redis, console: Console, running: Any, kill_both: Any, round_trips: Any
) -> None:
    _job, worker = running()
    console.snapshot()
    with round_trips() as before:
        snapshot(console)
    kill_both(worker)
    with round_trips() as after:
        snapshot(console)
    assert len(after) <= len(before)


def test_the_time_machine_shows_it_before_and_after(console: Console, running: Any, kill_both: Any) -> None:
    def kept(seconds_ago: float) -> str:
        console.engine.watch.forget()
        look = console.engine.watch.look()
        then = replace(look.bench, at=look.bench.at - timedelta(seconds=seconds_ago))
        keep_picture(console.engine, Look(then, look.warnings))
        return iso(then.at)

    job, worker = running()
    before = kept(20)
    kill_both(worker)
    after = kept(0)
    was, is_ = (console.past.moment(at)["snapshot"] for at in (before, after))
    assert (was["warnings"], was["workers"][0]["state"], was["queues"][0]["running"][0]["lost"]) == ([], "busy", False)
    assert [each["code"] for each in is_["warnings"]] == ["worker_lost"]
    assert f"Process {worker.pid}" in is_["workers"][0]["gone"]
    (row_then,) = is_["queues"][0]["running"]
    assert (row_then["id"], row_then["lost"], row_then["actions"]) == (job.id, True, [])
    assert was["health"]["verdict"] == "ok"
    assert is_["health"]["verdict"] == "critical"
