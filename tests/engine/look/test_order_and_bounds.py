"""What ended last, who waits longest, and what is too large or in an odd state: told as it is."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from job_console.engine.redis import keys
from job_console.engine.rq import limits as rq_limits

from .. import bench
from ..bench import SHORT

YEAR = 365 * 86_400


def _status(redis: Any, job_id: str) -> bytes:
    return redis.hget(keys.job(job_id), "status")


@pytest.fixture
def failures_of_two_kinds(redis: Any, workers: Any, wait_until: Any) -> list[str]:
    """Old failures that are kept for a year, then fresh ones that are kept for two days: an app's own time to live."""
    old = [bench.enqueue(redis, "tests.jobs.fail", name=f"old{n}", failure_ttl=YEAR).id for n in range(35)]
    workers.start(SHORT)
    wait_until(lambda: redis.zcard(keys.registry("failed", SHORT)) == 35)
    for job_id in old:
        bench.age(redis, job_id, 20 * 86_400, "created_at", "enqueued_at", "started_at", "ended_at")
        redis.zincrby(keys.registry("failed", SHORT), -20 * 86_400, job_id)
    fresh = [bench.enqueue(redis, "tests.jobs.fail", name=f"new{n}", failure_ttl=2 * 86_400).id for n in range(6)]
    wait_until(lambda: redis.zcard(keys.registry("failed", SHORT)) == 41)
    return fresh


def test_what_failed_last_is_first_whatever_is_kept_longer(
    failures_of_two_kinds: list[str], console: Any, now: Any, quick_proof: None
) -> None:
    newest = failures_of_two_kinds[::-1]
    assert [job["id"] for job in console.jobs(status="failed", size=6)["jobs"]] == newest
    assert [job["id"] for job in now()["queues"][0]["failures"]] == newest[:5]


def test_a_crash_loop_behind_older_failures_is_told_with_its_bound(
    failures_of_two_kinds: list[str], engine: Any
) -> None:
    (found,) = (w for w in engine.watch.look_twice(5).warnings if w.code == "crash_loop")
    assert found.evidence["failures"] == 6
    assert found.job_id == failures_of_two_kinds[-1]


def test_the_oldest_is_found_between_those_in_front_and_those_behind(redis: Any, engine: Any) -> None:
    bench.fill(redis, 3, name="a.localhost||left{}".format, enqueued_at=bench.ago(6 * 3600))
    for number in range(20):
        bench.enqueue(redis, name=f"front{number}", at_front=True)
        bench.enqueue(redis, name=f"behind{number}")
    lane = engine.watch.look().bench.lane(SHORT)
    lane = lane if lane.oldest_is_sure else engine.watch.look_twice(5).bench.lane(SHORT)
    assert lane.oldest.id.startswith("a.localhost||left")
    assert lane.oldest_is_sure


def test_a_huge_error_is_shown_by_its_beginning(
    redis: Any, workers: Any, wait_until: Any, console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rq_limits, "ERROR_BYTES", 10_000)
    monkeypatch.setattr(rq_limits, "ERROR_HEAD_BYTES", 4_000)
    noise = "".join(random.choices("abcdefghijklmnop0123456789", k=40_000))
    job = bench.enqueue(redis, "tests.jobs.fail", kwargs={"message": noise})
    workers.start(SHORT)
    wait_until(lambda: _status(redis, job.id) == b"failed")
    reported, shown = console.explain(job.id), console.show(job.id)
    assert "kept no error" not in " ".join(reported["because"])
    assert any("too large to show" in sentence for sentence in reported["because"])
    assert shown["error"]["type"] == "ValueError"
    assert "KB" in shown["error"]["cut"]


def test_what_a_json_job_returned_is_read(redis: Any, workers: Any, wait_until: Any, console: Any) -> None:
    queue = Queue("bench:json", connection=redis, serializer=JSONSerializer)
    job = queue.enqueue("tests.jobs.say_hello", name="Ann")
    workers.start("bench:json", extra=("--json",))
    wait_until(lambda: _status(redis, job.id) == b"finished")
    assert console.show(job.id)["result"] == "Hello, Ann!"


@pytest.mark.parametrize("status", ["created", None])
def test_a_record_that_was_never_enqueued_is_told_so(redis: Any, console: Any, status: str | None) -> None:
    job = bench.enqueue(redis)
    redis.lrem(keys.queue(SHORT), 0, job.id)
    if status:
        redis.hset(keys.job(job.id), "status", status)
    else:
        redis.hdel(keys.job(job.id), "status")
    text = " ".join(console.explain(job.id)["because"])
    assert "no state of RQ" not in text
    assert "has not been enqueued" in text
    redis.zadd(keys.RQ_SCHEDULER, {job.id: time.time() + 3_600})
    assert "rq-scheduler is to do so in" in " ".join(console.explain(job.id)["because"])


def test_a_job_that_is_to_run_again_is_not_done(
    redis: Any, workers: Any, wait_until: Any, console: Any, engine: Any, quick_proof: None
) -> None:
    rq = pytest.importorskip("rq")
    if not hasattr(rq, "Repeat"):
        pytest.skip("this rq has no Repeat")
    job = bench.enqueue(redis, repeat=rq.Repeat(times=3, interval=600))
    workers.start(SHORT)
    registry = keys.registry("scheduled", SHORT)
    wait_until(lambda: redis.zscore(registry, job.id) and _status(redis, job.id) == b"finished")
    assert "to run 3 more times" in " ".join(console.explain(job.id)["because"])
    redis.zadd(registry, {job.id: time.time() - 3_600})
    assert "scheduled_overdue" in {warning.code for warning in engine.watch.look_twice(5).warnings}
