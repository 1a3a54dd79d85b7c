"""Remedies do what RQ's own operations do, no less, and `mend` no more than is safe. With real workers."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from rq import Queue, Retry
from rq.job import Dependency
from rq.registry import StartedJobRegistry
from rq.suspension import suspend

from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.errors import NoSuchJob
from job_console.engine.redis import keys
from job_console.engine.service import Console

from ...support.processes import Workers
from ...support.worker import VARIABLE
from .. import bench
from ..bench import DEFAULT, LONG, SHORT

ROOT = Path(__file__).resolve().parents[3]


def act(console: Console, action: str, job_id: str, **more: Any) -> dict[str, Any]:
    (result,) = console.actions.run(action, [job_id], **more)["results"]
    return dict(result)


def warning_of(console: Console, code: str) -> dict[str, Any]:
    return next(each for each in console.warnings.all(prove=True)["warnings"] if each["code"] == code)


@pytest.fixture
def lose(redis: Any, workers: Workers, wait_until: Any) -> Any:
    """Starts this job and kills its worker with it; then its lease is over."""

    def one(job: Any) -> str:
        worker = workers.start(DEFAULT)
        wait_until(lambda: bench.status(redis, job.id) == "started")
        workers.kill(worker)
        bench.expire_lease(redis, job.id, queue=DEFAULT)
        bench.age(redis, job.id, 400, "started_at")
        return str(job.id)

    return one


class TestLost:
    @pytest.mark.parametrize("interval", [0, 60])
    def test_with_attempts_left_it_is_tried_again_as_rq_would(
        self, interval: int, redis: Any, console: Console, lose: Any, quick_proof: None
    ) -> None:
        retry = {"retry": Retry(max=3, interval=interval)}
        by_rq, by_us = (lose(bench.enqueue(redis, "tests.jobs.hang", DEFAULT, name=name, **retry)) for name in "ab")
        for entry in redis.zrange(keys.registry("started", DEFAULT), 0, -1):  # RQ's hands are for the first one only
            if keys.members(entry.decode())[0] == by_us:
                redis.zadd(keys.registry("started", DEFAULT), {entry: time.time() + 60})
        StartedJobRegistry(DEFAULT, connection=redis).cleanup()
        bench.expire_lease(redis, by_us, queue=DEFAULT)
        remedy = warning_of(console, "worker_lost")["remedies"][0]
        assert (remedy["action"], remedy["label"], remedy["safe"]) == ("fail", "Try it again", True)
        done = {result["job_id"]: result for result in console.warnings.mend()["results"]}
        assert done[by_us]["ok"]
        assert "RQ's own" in done[by_us]["reason"]
        for read in (
            lambda job_id: bench.status(redis, job_id),
            lambda job_id: redis.hget(keys.job(job_id), "retries_left"),
            lambda job_id: bench.places(redis, job_id),
        ):
            assert read(by_us) == read(by_rq)
        assert bench.status(redis, by_us) == ("scheduled" if interval else "queued")
        if interval:
            due = [redis.zscore(keys.registry("scheduled", DEFAULT), job_id) for job_id in (by_rq, by_us)]
            assert abs(due[0] - due[1]) < 60

    def test_one_without_attempts_fails_and_lets_those_go_on_that_allow_it(
        self, redis: Any, console: Console, lose: Any, quick_proof: None, workers: Workers, wait_until: Any
    ) -> None:
        first, lane = bench.enqueue(redis, "tests.jobs.hang", DEFAULT), Queue(LONG, connection=redis)
        allows = lane.enqueue("tests.jobs.say_hello", depends_on=Dependency(jobs=[first], allow_failure=True))
        wants = lane.enqueue("tests.jobs.say_hello", depends_on=first)
        lose(first)
        console.warnings.mend()
        assert bench.status(redis, first.id) == "failed"
        assert bench.places(redis, allows.id) == [f"queued {LONG}"]
        assert bench.places(redis, wants.id) == [f"deferred {LONG}"]
        workers.start(LONG)
        wait_until(lambda: bench.status(redis, allows.id) == "finished")

    def test_nobody_promised_to_be_heard_of_while_an_endless_job_runs(
        self, redis: Any, console: Console, workers: Workers, wait_until: Any, quick_proof: None
    ) -> None:
        """As RQ leaves it after 480 s of a worker that does not fork."""
        job = bench.enqueue(redis, "tests.jobs.hang", DEFAULT, kwargs={"seconds": 3}, timeout=-1)
        workers.start(DEFAULT, fork=False)
        wait_until(lambda: bench.status(redis, job.id) == "started")
        name = (redis.hget(keys.job(job.id), "worker_name") or b"").decode()
        bench.expire_lease(redis, job.id, queue=DEFAULT)
        codes = [each["code"] for each in console.warnings.all(prove=True)["warnings"]]
        assert "worker_lost" not in codes, "Redis has a connection of its name"
        for client in redis.client_list():
            if client["name"] == name:
                redis.client_kill_filter(_id=client["id"])
        remedies = warning_of(console, "worker_lost")["remedies"]
        assert [remedy["safe"] for remedy in remedies] == [False, False]
        assert "without a fork" in remedies[0]["explain"]
        assert job.id not in {result["job_id"] for result in console.warnings.mend()["results"]}
        wait_until(lambda: bench.status(redis, job.id) == "finished")

    @pytest.mark.parametrize("retry", [None, Retry(max=3)])
    def test_a_process_that_outlives_its_worker_is_neither_failed_nor_doubled(
        self, retry: Any, redis: Any, console: Console, workers: Workers, wait_until: Any, quick_proof: None
    ) -> None:
        job = bench.enqueue(redis, "tests.jobs.hang", DEFAULT, kwargs={"seconds": 4}, retry=retry)
        worker = workers.start(DEFAULT)
        wait_until(lambda: bench.status(redis, job.id) == "started")
        worker.kill()
        bench.expire_lease(redis, job.id, queue=DEFAULT)
        assert not warning_of(console, "worker_lost")["remedies"][0]["safe"]
        assert job.id not in {result["job_id"] for result in console.warnings.mend()["results"]}
        wait_until(lambda: bench.status(redis, job.id) == "finished", message="its process went on")


def test_what_its_enqueuer_runs_is_not_put_back(
    redis: Any, server: Any, console: Console, workers: Workers, wait_until: Any, quick_proof: None
) -> None:
    """RQ's record of it is that of a ghost."""
    workers.start(SHORT)
    code = (
        "import os, redis; from rq import Queue\n"
        f"connection = redis.Redis.from_url(os.environ['{VARIABLE}'])\n"
        f"Queue('{SHORT}', connection=connection, is_async=False).enqueue('tests.jobs.hang', 4, job_id='inline')\n"
    )
    environment = {"PYTHONPATH": str(ROOT), VARIABLE: server.url}
    child = subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT)
    try:
        wait_until(lambda: bench.status(redis, "inline") == "queued")
        warning = warning_of(console, "ghost_queued")
        assert "is_async=False" in warning["message"]
        assert [remedy["safe"] for remedy in warning["remedies"]] == [False, False]
        assert console.warnings.mend()["results"] == []
        assert bench.places(redis, "inline") == []
        assert child.wait(30) == 0
        assert bench.status(redis, "inline") == "finished"
    finally:
        child.kill()
        child.wait()


class TestCanceled:
    def test_it_waits_again_for_what_has_not_ended(
        self, redis: Any, console: Console, workers: Workers, wait_until: Any
    ) -> None:
        first = bench.enqueue(redis, "tests.jobs.hang", LONG, kwargs={"seconds": 2})
        second = Queue(SHORT, connection=redis).enqueue("tests.jobs.say_hello", depends_on=first)
        act(console, "cancel", second.id)
        assert console.jobs.explain(second.id)["remedies"][0]["label"] == "Bring it back"
        workers.start(SHORT, LONG)
        wait_until(lambda: bench.status(redis, first.id) == "started")
        result = act(console, "retry", second.id)
        assert (result["ok"], result["state_after"]) == (True, "deferred")
        assert "waits again" in result["reason"]
        assert bench.places(redis, second.id) == [f"deferred {SHORT}"]
        wait_until(lambda: bench.status(redis, second.id) == "finished", message="RQ enqueued it in its time")
        assert bench.status(redis, first.id) == "finished"

    @pytest.mark.parametrize("became", ["finished", "failed", None])
    def test_it_runs_after_all_when_nothing_is_to_be_waited_for(
        self, became: str | None, redis: Any, console: Console
    ) -> None:
        first = bench.enqueue(redis, queue=LONG)
        second = Queue(SHORT, connection=redis).enqueue("tests.jobs.say_hello", depends_on=first)
        act(console, "cancel", second.id)
        redis.delete(keys.queue(LONG), *([] if became else [keys.job(first.id)]))
        if became:
            redis.hset(keys.job(first.id), "status", became)
        assert act(console, "retry", second.id)["state_after"] == "queued"
        assert bench.places(redis, second.id) == [f"queued {SHORT}"]


@pytest.mark.parametrize("ttl", [None, 600])
def test_a_suspension_is_left_to_who_asked_for_it(ttl: int | None, redis: Any, console: Console) -> None:
    suspend(redis, ttl)
    warning = warning_of(console, "suspended")
    assert ("by itself in" in warning["message"]) is bool(ttl)
    assert bool(warning["evidence"]["until"]) is bool(ttl)
    assert [(remedy["action"], remedy["safe"]) for remedy in warning["remedies"]] == [("resume", False)]
    assert console.warnings.mend()["results"] == []
    assert redis.exists(keys.SUSPENDED)
    assert console.actions.run("resume")["results"][0]["ok"]
    assert not redis.exists(keys.SUSPENDED)
    assert console.actions.audit()["entries"][0]["action"] == "resume"
    assert not console.actions.run("resume")["results"][0]["ok"]


def test_the_rest_of_a_record_is_no_record(redis: Any, console: Console, quick_proof: None) -> None:
    """A heartbeat or `save_meta` made it anew after it was deleted."""
    job = bench.enqueue(redis)
    redis.delete(keys.job(job.id))
    redis.hset(keys.job(job.id), mapping={"meta": b"", "last_heartbeat": bench.ago(900)})
    assert warning_of(console, "orphan_id")["job_id"] == job.id
    for look in (console.jobs.show, console.jobs.explain):
        with pytest.raises(NoSuchJob):
            look(job.id)
    for action in ("cancel", "retry", "delete", "requeue", "fail", "free"):
        assert act(console, action, job.id)["state_before"] == "missing"
    (result,) = console.warnings.mend()["results"]
    assert (result["action"], result["ok"]) == ("clear", True)
    assert bench.places(redis, job.id) == []
    assert not redis.exists(keys.job(job.id))


def test_a_killed_process_of_an_old_ghost_needs_its_time(redis: Any, console: Console, quick_proof: None) -> None:
    """A ghost's run may be silent for its timeout and a minute: before, nothing proves that it is over."""
    job = bench.enqueue(redis, queue=DEFAULT)
    redis.delete(keys.queue(DEFAULT))
    redis.hset(keys.job(job.id), mapping={"status": "started", "worker_name": "gone", "started_at": bench.ago(60)})
    assert not warning_of(console, "ghost_started")["remedies"][0]["safe"]
    bench.age(redis, job.id, 300 + diagnosis_limits.LEASE_GRACE_S + 5, "started_at")
    assert warning_of(console, "ghost_started")["remedies"][0]["safe"]
