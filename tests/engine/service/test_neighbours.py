"""Several sites on one bench, several benches on one Redis: nobody sees what is not theirs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import redis as redis_py
from rq import Queue
from rq.job import Job

from job_console.engine.errors import NoSuchJob
from job_console.engine.service import Engine, Viewer

from ...support.processes import Workers
from .. import bench

SECRET = "their-very-own-secret"


def test_a_site_sees_nothing_of_its_neighbours(
    enqueue: Callable[..., Job], queue: Queue, engine: Engine, workers: Workers, redis: redis_py.Redis, wait_until: Any
) -> None:
    """acme.com is a prefix of acme.com.au: Frappe's own list mixes these two up."""
    worker = workers.start(queue.name)
    theirs = {
        "failed": enqueue("fail", site="acme.com.au", job_id="acme.com.au||failed", message=SECRET),
        "running": enqueue("hang", site="acme.com.au", job_id="acme.com.au||running"),
        "waiting": enqueue("say_hello", site="acme.com.au", job_id="acme.com.au||waiting", name=SECRET),
        "forged": enqueue("say_hello", site="acme.com.au", job_id="acme.com||forged", name=SECRET),
    }
    wait_until(lambda: theirs["running"].get_status() == "started")
    ours = enqueue("say_hello", site="acme.com", job_id="acme.com||ours", name="mine")
    redis.zadd(f"rq:wip:{queue.name}", dict.fromkeys(redis.zrange(f"rq:wip:{queue.name}", 0, -1), 1))
    engine.console(Viewer("operator@test", may_act=True)).actions.run("front", [theirs["waiting"].id], reason=SECRET)
    console = engine.console(Viewer("sam@acme.com", site="acme.com", may_act=True))
    heard = [
        console.snapshot(),
        console.jobs.page(size=100),
        console.jobs.search(text=SECRET),
        console.jobs.search(method="say_hello"),
        console.warnings.all(prove=True),
        console.actions.audit(),
    ]
    for job in theirs.values():
        with pytest.raises(NoSuchJob):
            console.jobs.show(job.id)
        for action in ("cancel", "delete", "stop", "retry", "front", "requeue", "fail", "free"):
            answer = console.actions.run(action, [job.id])
            assert (answer["results"][0]["ok"], answer["results"][0]["state_before"]) == (False, "missing")
    text = json.dumps(heard)
    assert ours.id in text
    for trace in (SECRET, "acme.com.au", "forged", "tests.jobs.fail", "tests.jobs.hang"):
        assert trace not in text
    (lane,) = heard[0]["queues"]
    assert (lane["running_elsewhere"], lane["head_elsewhere"], lane["failures_elsewhere"]) == (1, 2, 1)
    assert worker.poll() is None


def test_a_site_does_not_read_for_whom_its_job_waits(redis: redis_py.Redis, engine: Engine, quick_proof: None) -> None:
    theirs = bench.enqueue(redis, site="acme.com.au", name="secret")
    ours = bench.enqueue(redis, site="acme.com", name="ours", depends_on=theirs)
    theirs.cancel()
    console = engine.console(Viewer("sam@acme.com", site="acme.com"))
    (warning,) = console.warnings.all(prove=True)["warnings"]
    assert (warning["code"], warning["job_id"]) == ("blocked_dependency", ours.id)
    assert "acme.com.au" not in json.dumps(warning)
    assert warning["evidence"]["dependency"] == "(of another site)"
    for whole in (engine.console(Viewer("operator")), engine.console(Viewer("x", site="acme.com.au"))):
        assert all(theirs.id in each["message"] for each in whole.warnings.all()["warnings"])
    assert engine.console(Viewer("x", site="acme.com.au")).warnings.all()["warnings"] == []


def test_workers_of_another_bench_are_not_counted(redis: redis_py.Redis, workers: Workers) -> None:
    workers.start("bench:short", name="ours")
    dead = workers.start("bench:short", name="dead")
    workers.start("other:short", name="theirs")
    workers.start("other:short", "bench:long", name="both")
    workers.start("bench:unused", name="early")
    bench.enqueue(redis)
    workers.kill(dead)
    redis.delete("rq:worker:dead")
    look = Engine(redis, queue_prefix="bench:").watch.look().bench
    assert [worker.name for worker in look.workers] == ["both", "dead", "early", "ours"]
    assert [worker.name for worker in Engine(redis, queue_prefix="other:").watch.look().bench.workers] == [
        "both",
        "theirs",
    ]
    assert len(Engine(redis).watch.look().bench.workers) == 5
