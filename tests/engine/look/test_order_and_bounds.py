"""What ended last, who waits longest, and what is too large or in an odd state: told as it is."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.look import limits as look_limits
from job_console.engine.redis import keys
from job_console.engine.rq import limits as rq_limits

from .. import bench
from ..bench import DEFAULT, SHORT

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
    assert [job["id"] for job in console.jobs.page(status="failed", size=6)["jobs"]] == newest
    assert [job["id"] for job in now()["queues"][0]["failures"]] == newest[:5]


def test_a_crash_loop_behind_older_failures_is_reported_with_its_bound(
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
    reported, shown = console.jobs.explain(job.id), console.jobs.show(job.id)
    assert "kept no error" not in " ".join(reported["because"])
    assert any("too large to show" in sentence for sentence in reported["because"])
    assert shown["error"]["type"] == "ValueError"
    assert "KB" in shown["error"]["cut"]


def test_what_a_json_job_returned_is_read(redis: Any, workers: Any, wait_until: Any, console: Any) -> None:
    queue = Queue("bench:json", connection=redis, serializer=JSONSerializer)
    job = queue.enqueue("tests.jobs.say_hello", name="Ann")
    workers.start("bench:json", extra=("--json",))
    wait_until(lambda: _status(redis, job.id) == b"finished")
    assert console.jobs.show(job.id)["result"] == "Hello, Ann!"


@pytest.mark.parametrize("status", ["created", None])
def test_a_record_that_was_never_enqueued_is_reported_so(redis: Any, console: Any, status: str | None) -> None:
    job = bench.enqueue(redis)
    redis.lrem(keys.queue(SHORT), 0, job.id)
    if status:
        redis.hset(keys.job(job.id), "status", status)
    else:
        redis.hdel(keys.job(job.id), "status")
    text = " ".join(console.jobs.explain(job.id)["because"])
    assert "no state of RQ" not in text
    assert "has not been enqueued" in text
    redis.zadd(keys.RQ_SCHEDULER, {job.id: time.time() + 3_600})
    assert "rq-scheduler is to do so in" in " ".join(console.jobs.explain(job.id)["because"])


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
    assert "to run 3 more times" in " ".join(console.jobs.explain(job.id)["because"])
    redis.zadd(registry, {job.id: time.time() - 3_600})
    assert "scheduled_overdue" in {warning.code for warning in engine.watch.look_twice(5).warnings}


def test_an_overdue_repeat_is_put_back_as_rq_would_do_it(
    redis: Any, engine: Any, console: Any, workers: Any, wait_until: Any
) -> None:
    rq = pytest.importorskip("rq")
    if not hasattr(rq, "Repeat"):
        pytest.skip("this rq has no Repeat")
    job = bench.enqueue(redis, repeat=rq.Repeat(times=3, interval=600))
    workers.start(SHORT)
    registry, finished = keys.registry("scheduled", SHORT), keys.registry("finished", SHORT)
    wait_until(lambda: redis.zscore(registry, job.id) and redis.zscore(finished, job.id))
    (early,) = console.actions.run("requeue", [job.id])["results"]
    assert (early["ok"], early["state_after"]) == (False, "finished")
    redis.zadd(registry, {job.id: time.time() - 3_600})
    (found,) = (each for each in engine.watch.look_twice(5).warnings if each.code == "scheduled_overdue")
    assert [remedy.action for remedy in found.remedies] == ["requeue"]
    assert "requeue" in {remedy["action"] for remedy in console.jobs.explain(job.id)["remedies"]}
    (done,) = console.actions.run("requeue", [job.id])["results"]
    assert (done["ok"], done["state_before"], done["state_after"]) == (True, "finished", "queued")
    # It runs, and is to run twice more after that.
    wait_until(lambda: (redis.zscore(registry, job.id) or 0) > time.time() and redis.zscore(finished, job.id))
    assert int(redis.hget(keys.job(job.id), "repeats_left")) == 1


def test_a_page_that_is_not_in_the_order_of_its_ends_says_so(
    redis: Any, console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.fill(redis, 6, status="failed")
    redis.zadd(keys.registry("failed", SHORT), {f"a.localhost||{number:06d}": 2e9 + number for number in range(6)})
    redis.delete(keys.queue(SHORT))
    assert console.jobs.page(status="failed")["by_expiry"] is False
    monkeypatch.setattr(jobs_limits, "SORTED_ROWS", 5)
    assert console.jobs.page(status="failed")["by_expiry"] is True
    assert console.jobs.page()["by_expiry"] is True
    assert console.jobs.page(status="queued")["by_expiry"] is False


def test_a_search_finds_what_ended_last_first(
    failures_of_two_kinds: list[str], console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = console.jobs.search(status="failed", method="tests.jobs.fail")
    assert [job["id"] for job in found["jobs"]][:6] == failures_of_two_kinds[::-1]
    assert found["by_expiry"] is False
    assert console.jobs.search(method="tests.jobs.fail")["by_expiry"] is True
    monkeypatch.setattr(jobs_limits, "SORTED_ROWS", 5)
    assert console.jobs.search(status="failed", method="tests.jobs.fail")["by_expiry"] is True


def test_the_dead_of_all_lanes_stand_in_the_order_of_their_deaths(
    redis: Any, console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [bench.enqueue(redis, queue=lane).id for lane in (SHORT, DEFAULT) * 3]
    redis.delete(keys.queue(SHORT), keys.queue(DEFAULT))
    for number, job_id in enumerate(jobs):
        redis.hset(keys.job(job_id), "status", "failed")
        redis.zadd(keys.dead((SHORT, DEFAULT)[number % 2]), {job_id: 1e9 + number})
    page = console.jobs.page(status="dead")
    assert [job["id"] for job in page["jobs"]] == jobs[::-1]
    assert page["by_expiry"] is False
    monkeypatch.setattr(jobs_limits, "SORTED_ROWS", 2)
    assert console.jobs.page(status="dead")["by_expiry"] is True
    assert console.jobs.page(status="dead", queue=SHORT)["by_expiry"] is False


def test_canceled_jobs_of_one_lane_are_always_in_order(redis: Any, console: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(jobs_limits, "SORTED_ROWS", 2)
    bench.fill(redis, 6, status="canceled")
    redis.zadd(keys.registry("canceled", SHORT), {f"a.localhost||{number:06d}": 1e9 + number for number in range(6)})
    assert console.jobs.page(status="canceled")["by_expiry"] is False


@pytest.mark.parametrize(
    ("data", "foreign"), [(b"\xc1 msgpack or so", True), (b"\x80\x05 no more", False), (b"[1, 2", False)]
)
def test_who_can_read_a_payload_is_said_no_further_than_it_is_known(
    data: bytes, foreign: bool, redis: Any, engine: Any, quick_proof: None
) -> None:
    bench.fill(redis, 1, data=data)
    (found,) = (each for each in engine.watch.look_twice(5).warnings if each.code == "undecodable")
    assert found.evidence["serializer_unknown"] is foreign
    assert ("by any worker" in found.message) is not foreign
    assert ("those with its own can run it" in found.message) is foreign


def test_a_job_with_many_runs_and_dependents_says_how_many(redis: Any, console: Any) -> None:
    (job_id,) = bench.fill(redis, 1, status="failed")
    redis.sadd(keys.dependents(job_id), *(f"waits{number}" for number in range(3 * rq_limits.ITEMS)))
    for number in range(14):
        redis.xadd(keys.results(job_id), {"type": 2, "exc_string": f"E{number}"})
    reported = console.jobs.show(job_id)
    assert (reported["dependents_total"], len(reported["dependents"])) == (3 * rq_limits.ITEMS, rq_limits.ITEMS)
    assert reported["runs_total"] == 14
    assert [run["attempt"] for run in reported["runs"]] == list(range(5, 15))
    redis.delete(keys.results(job_id), keys.dependents(job_id))
    redis.set(keys.results(job_id), "no stream")
    redis.set(keys.dependents(job_id), "no set")
    assert console.jobs.show(job_id)["runs_total"] == 0


def test_the_same_work_is_counted_in_a_part_of_a_lane(redis: Any, engine: Any, quick_proof: None) -> None:
    ids = bench.fill(redis, look_limits.REPEATED_ROWS + 20, enqueued_at=bench.ago(look_limits.DUPLICATES_WAIT_S + 60))
    for number, job_id in enumerate(ids):
        redis.hset(keys.job(job_id), "data", bench.payload(number=min(number, 400)))
    (found,) = (each for each in engine.watch.look_twice(5).warnings if each.code == "duplicated")
    assert f"at least {look_limits.REPEATED_ROWS - 400} times" in found.message
    assert found.evidence["at_least"] is True
    redis.ltrim(keys.queue(SHORT), 300, 450)
    engine.watch.forget()
    (found,) = (each for each in engine.watch.look_twice(5).warnings if each.code == "duplicated")
    assert "waits 51 times" in found.message
