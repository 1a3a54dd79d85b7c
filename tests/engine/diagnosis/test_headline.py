"""Is all well? Said with evidence only; and the faults that nobody used to name, made for real."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from rq import Queue

from job_console.console.embedded import Embedded, embedded_server
from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer

from ... import jobs as work
from ...support.processes import Workers
from .. import bench
from ..bench import SHORT

Health = Callable[[], dict[str, Any]]


@pytest.fixture
def health(engine: Engine, console: Console) -> Health:
    def look() -> dict[str, Any]:
        engine.watch.forget()
        return dict(console.snapshot()["health"])

    return look


def reported(console: Console) -> list[dict[str, Any]]:
    console.engine.watch.forget()
    return list(console.warnings.all(prove=True)["warnings"])


def test_an_empty_redis_is_no_evidence(redis: Any, health: Health) -> None:
    found = health()
    assert (found["verdict"], found["telling"]) == ("warning", False)
    assert found["reasons"][0] == "No telling: no worker has ever been seen here."


def test_a_worker_that_works_is(redis: Any, health: Health, workers: Workers, wait_until: Any) -> None:
    workers.start(SHORT)
    job = bench.enqueue(redis)
    wait_until(lambda: bench.status(redis, job.id) == "finished")
    wait_until(lambda: health()["verdict"] == "ok")
    found = health()
    assert (found["reasons"], found["telling"]) == ([], True)
    assert {"1 worker alive.", "1 job finished lately.", "Whether a scheduler ticks is not known here."} <= set(
        found["evidence"]
    )


def test_a_worker_that_has_gone_is_none(
    redis: Any, engine: Engine, health: Health, workers: Workers, wait_until: Any
) -> None:
    worker = workers.start(SHORT, name="w1")
    wait_until(lambda: health()["verdict"] == "ok")
    wait_until(lambda: redis.hget(keys.worker("w1"), "state") == b"idle")  # before that, RQ hears no SIGTERM
    engine.watch.remember(engine.watch.look())
    worker.terminate()
    wait_until(lambda: not redis.exists(keys.worker("w1")) or redis.hexists(keys.worker("w1"), "death"))
    redis.delete(keys.worker("w1"))
    assert health()["reasons"][0] == "No telling: no worker is alive here now."


def test_ten_of_twenty_runs_failed(
    redis: Any, console: Console, health: Health, workers: Workers, wait_until: Any, quick_proof: None
) -> None:
    lane = Queue(SHORT, connection=redis)
    jobs = [lane.enqueue(work.slow, seconds) for seconds in ["x", 0.01] * 10]
    workers.start(SHORT)
    wait_until(lambda: all(bench.status(redis, job.id) in ("failed", "finished") for job in jobs))
    (warning,) = reported(console)
    assert warning["code"] == "failure_burst"
    assert (warning["evidence"]["failures"], warning["evidence"]["runs"]) == (10, 20)
    assert warning["message"].startswith("10 of 20 runs failed in the last ")
    assert health()["reasons"] == [warning["message"]]


def test_a_few_of_many_are_no_burst(
    redis: Any, console: Console, workers: Workers, wait_until: Any, quick_proof: None
) -> None:
    lane = Queue(SHORT, connection=redis)
    jobs = [lane.enqueue(work.slow, seconds) for seconds in ["x", *[0.001] * 3] * 5]
    workers.start(SHORT)
    wait_until(lambda: all(bench.status(redis, job.id) in ("failed", "finished") for job in jobs))
    assert reported(console) == []


def test_a_worker_dies_and_nobody_comes_in_its_place(
    redis: Any,
    engine: Engine,
    console: Console,
    workers: Workers,
    wait_until: Any,
    quick_proof: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(diagnosis_limits, "SHRANK_S", -1.0)
    workers.start(SHORT, name="w1")
    lost = workers.start(SHORT, name="w2")
    wait_until(lambda: redis.scard(keys.WORKERS) == 2)

    def swept() -> list[dict[str, Any]]:
        engine.watch.forget()
        engine.watch.remember(engine.watch.look())
        return reported(console)

    assert swept() == []
    workers.kill(lost)
    assert swept() == []  # its record says that it lives
    redis.delete(keys.worker("w2"))  # expired
    (warning,) = swept()
    assert (warning["code"], warning["worker"], warning["queue"]) == ("workers_shrank", "w2", SHORT)
    assert warning["message"].startswith("short: 1 of 2 workers left.")
    workers.start(SHORT, name="w3")
    wait_until(lambda: redis.scard(keys.WORKERS) == 3 or redis.exists(keys.worker("w3")))
    assert swept() == []


def test_a_worker_that_was_shut_down_is_not_missed(
    redis: Any,
    engine: Engine,
    console: Console,
    workers: Workers,
    wait_until: Any,
    quick_proof: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(diagnosis_limits, "SHRANK_S", -1.0)
    workers.start(SHORT, name="w1")
    goes = workers.start(SHORT, name="w2")
    wait_until(lambda: redis.scard(keys.WORKERS) == 2)
    wait_until(lambda: redis.hget(keys.worker("w2"), "state") == b"idle")  # before that, RQ hears no SIGTERM
    engine.watch.remember(engine.watch.look())
    goes.terminate()
    wait_until(lambda: redis.scard(keys.WORKERS) == 1)
    redis.delete(keys.worker("w2"))
    for _ in range(2):
        engine.watch.forget()
        engine.watch.remember(engine.watch.look())
    assert reported(console) == []


@pytest.fixture
def console_of() -> Any:
    with contextlib.ExitStack() as stack:

        def make(url: str) -> Console:
            client = stack.enter_context(contextlib.closing(Redis.from_url(url)))
            return Engine(client).console(Viewer("tester", may_act=True))

        yield make


def test_redis_comes_back_without_its_data(own_server: Embedded, console_of: Any, quick_proof: None) -> None:
    console = console_of(own_server.url)
    bench.fill(console.engine.redis, 50)
    for _ in range(2):
        console.engine.watch.forget()
        console.engine.watch.remember(console.engine.watch.look())
    port = console.engine.redis.connection_pool.connection_kwargs["port"]
    os.kill(own_server.pid, signal.SIGKILL)
    with embedded_server(port=port):
        (warning,) = reported(console)
        assert (warning["code"], warning["severity"], warning["evidence"]["jobs"]) == ("memory_lost", "critical", 50)
        assert reported(console_of(own_server.url)) == []  # it has not seen what was before
        console.engine.watch.remember(console.engine.watch.look())
        assert [each["code"] for each in reported(console_of(own_server.url))] == ["memory_lost"]


def test_redis_is_emptied(redis: Any, engine: Engine, console: Console, quick_proof: None) -> None:
    bench.fill(redis, 5)
    for _ in range(2):
        engine.watch.forget()
        engine.watch.remember(engine.watch.look())
    redis.flushall()
    assert [(each["code"], each["evidence"]["jobs"]) for each in reported(console)] == [("memory_lost", 5)]


def test_a_queue_that_is_worked_off_is_no_loss(
    redis: Any, engine: Engine, console: Console, workers: Workers, wait_until: Any, quick_proof: None
) -> None:
    jobs = [bench.enqueue(redis) for _ in range(5)]
    engine.watch.remember(engine.watch.look())
    workers.start(SHORT)
    wait_until(lambda: all(bench.status(redis, job.id) == "finished" for job in jobs))
    assert reported(console) == []


def test_work_that_only_a_worker_takes_that_was_asked_to_stop(
    redis: Any, health: Health, workers: Workers, wait_until: Any
) -> None:
    worker = workers.start(SHORT, name="w1")
    running = bench.enqueue(redis, "tests.jobs.hang")
    wait_until(lambda: bench.status(redis, running.id) == "started" and workers.horses(worker))
    assert health()["verdict"] == "ok"
    os.kill(worker.pid, signal.SIGTERM)
    wait_until(lambda: redis.hexists(keys.worker("w1"), "shutdown_requested_date"))
    bench.enqueue(redis)
    found = health()
    assert (found["verdict"], found["telling"]) == ("warning", False)
    assert found["reasons"] == ["No telling: work has come to short, which no live worker will take."]
