"""Unique keys on a real server: one job each however many want it at once, and nobody dead or lost is in the way."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rq.job import Job

from job_console.engine.models.jobs import Call
from job_console.engine.policies import limits as policies_limits
from job_console.engine.policies import unique
from job_console.engine.redis import keys
from job_console.engine.retries import limits as retries_limits

from .. import bench

SITE, KEY = "a.localhost", "C-1"
ROOT = Path(__file__).resolve().parents[3]


def call(method: str = bench.HELLO, site: str = SITE) -> Call:
    return Call(method, method, "method", site=site, user="sam")


def claimed(redis: Any, job_id: str, key: str = KEY, reuse: bool = False, site: str = SITE) -> str | None:
    return unique.claim(redis, call(site=site), key, job_id, "short", reuse)


def holder(redis: Any, **options: Any) -> Job:
    """A job that has the key, as `job_console.enqueue` makes it."""
    assert claimed(redis, f"{SITE}||first") is None
    return bench.enqueue(redis, name="first", **options)


def test_while_it_waits_there_is_no_second_one(redis: Any) -> None:
    first = holder(redis)
    assert claimed(redis, f"{SITE}||second") == first.id
    assert claimed(redis, f"{SITE}||other", key="C-2") is None
    assert claimed(redis, "b.localhost||third", site="b.localhost") is None


def test_while_it_runs_there_is_no_second_one_and_then_there_is(redis: Any, workers: Any, wait_until: Any) -> None:
    first = holder(redis, method="tests.jobs.slow_until", kwargs={"key": "test:go"})
    workers.start(bench.SHORT, burst=True)
    wait_until(lambda: bench.status(redis, first.id) == "started")
    assert claimed(redis, f"{SITE}||second") == first.id
    redis.set("test:go", 1)
    wait_until(lambda: bench.status(redis, first.id) == "finished")
    assert claimed(redis, f"{SITE}||third") is None


@pytest.mark.parametrize("status", ["finished", "failed", "canceled", "stopped"])
def test_what_has_ended_stands_in_nobodys_way(redis: Any, status: str) -> None:
    first = holder(redis)
    redis.lrem(keys.queue(bench.SHORT), 0, first.id)
    redis.hset(keys.job(first.id), "status", status)
    assert claimed(redis, f"{SITE}||second") is None


def test_what_failed_and_is_tried_again_has_its_key(redis: Any) -> None:
    first = holder(redis)
    redis.lrem(keys.queue(bench.SHORT), 0, first.id)
    redis.hset(keys.job(first.id), "status", "failed")
    redis.zadd(keys.own("retries"), {first.id: time.time() + 60})
    assert claimed(redis, f"{SITE}||second") == first.id
    redis.delete(keys.own("retries"))
    assert claimed(redis, f"{SITE}||second") is None


@pytest.mark.parametrize("status", ["scheduled", "deferred"])
def test_what_waits_elsewhere_has_its_key(redis: Any, status: str) -> None:
    first = holder(redis)
    redis.lrem(keys.queue(bench.SHORT), 0, first.id)
    redis.hset(keys.job(first.id), "status", status)
    assert claimed(redis, f"{SITE}||second") == first.id


@pytest.mark.parametrize("status", ["queued", "started"])
def test_a_ghost_stands_in_the_way_for_two_seconds(redis: Any, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies_limits, "GHOST_WAIT_S", 0.5)
    first = holder(redis)
    redis.lrem(keys.queue(bench.SHORT), 0, first.id)
    redis.hset(keys.job(first.id), "status", status)
    start = time.monotonic()
    assert claimed(redis, f"{SITE}||second") is None
    assert time.monotonic() - start >= 0.5
    assert bench.status(redis, first.id) == status  # looked at, not touched


def test_what_a_worker_takes_meanwhile_is_no_ghost(redis: Any, workers: Any, wait_until: Any) -> None:
    first = holder(redis, method="tests.jobs.slow", kwargs={"seconds": 2})
    redis.lrem(keys.queue(bench.SHORT), 0, first.id)  # taken, not started yet
    claims: list[str | None] = []
    asking = threading.Thread(target=lambda: claims.append(claimed(redis, f"{SITE}||second")))
    asking.start()
    redis.rpush(keys.queue(bench.SHORT), first.id)
    workers.start(bench.SHORT, burst=True)
    asking.join()
    assert claims == [first.id]


def test_a_run_whose_worker_died_stands_in_nobodys_way(
    redis: Any, workers: Any, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies_limits, "GHOST_WAIT_S", 0.2)
    first = holder(redis, method="tests.jobs.hang")
    worker = workers.start(bench.SHORT)
    wait_until(lambda: bench.status(redis, first.id) == "started")
    assert claimed(redis, f"{SITE}||second") == first.id
    worker.kill()
    bench.expire_lease(redis, first.id)
    assert claimed(redis, f"{SITE}||second") is None


def test_who_died_before_it_enqueued_stands_in_the_way_for_a_moment(
    redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert claimed(redis, f"{SITE}||first") is None
    assert claimed(redis, f"{SITE}||second") == f"{SITE}||first"
    monkeypatch.setattr(policies_limits, "CLAIM_GRACE_S", 0.0)
    assert claimed(redis, f"{SITE}||second") is None


def test_an_id_is_used_again_when_its_job_has_ended(redis: Any) -> None:
    first = bench.enqueue(redis, name="nightly")  # by plain frappe.enqueue: nobody claimed anything
    assert claimed(redis, first.id, "id:nightly", reuse=True) == first.id
    redis.lrem(keys.queue(bench.SHORT), 0, first.id)
    redis.hset(keys.job(first.id), "status", "failed")
    redis.zadd(keys.registry("failed", bench.SHORT), {first.id: time.time() + 60})
    assert claimed(redis, first.id, "id:nightly", reuse=True) is None
    assert bench.places(redis, first.id) == []
    assert not redis.exists(keys.job(first.id))
    assert claimed(redis, first.id, "id:nightly", reuse=True) == first.id  # about to be enqueued


def test_in_a_deep_lane_it_is_taken_for_waiting(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies_limits, "LPOS_DEPTH", 10)
    bench.fill(redis, 20)
    first = holder(redis)
    assert claimed(redis, f"{SITE}||second") == first.id


def test_what_was_refused_is_remembered_and_counted(redis: Any) -> None:
    first = holder(redis)
    for number in range(3):
        claimed(redis, f"{SITE}||again-{number}")
    note = unique.refused(redis, f"{SITE}||again-1")
    assert note is not None
    assert (note.of, note.method, note.site, note.user, note.key) == (first.id, bench.HELLO, SITE, "sam", KEY)
    pipeline = redis.pipeline()
    unique.ask_in_favour(pipeline, first.id)
    assert pipeline.execute() == [b"3"]
    assert unique.refused(redis, first.id) is None


def test_notes_are_bounded_and_everything_expires(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies_limits, "REFUSED_NOTES", 5)
    holder(redis)
    for number in range(20):
        claimed(redis, f"{SITE}||again-{number}")
    assert redis.hlen(keys.REFUSED) == redis.llen(keys.REFUSED_ORDER) == 5
    assert unique.refused(redis, f"{SITE}||again-19")
    assert not unique.refused(redis, f"{SITE}||again-1")
    assert all(redis.ttl(key) > 0 for key in redis.keys(keys.OURS + "*"))


def test_a_key_outlives_the_longest_pause_between_two_attempts(redis: Any) -> None:
    holder(redis)
    name = keys.unique(SITE, KEY)
    assert redis.ttl(name) > policies_limits.POLICY_DELAY_S
    assert policies_limits.UNIQUE_TTL_S >= retries_limits.TRIES_TTL_S, (
        "it waits no longer than anything is known of its attempts"
    )
    redis.expire(name, 60)
    unique.keep(redis, SITE, KEY)  # it has failed
    assert redis.ttl(name) > policies_limits.POLICY_DELAY_S
    unique.keep(redis, SITE, "C-2")
    assert not redis.exists(keys.unique(SITE, "C-2"))


def test_of_an_id_no_more_is_kept_than_its_enqueueing_needs(redis: Any) -> None:
    name = "nightly"
    assert claimed(redis, f"{SITE}||{name}", "id:nightly", reuse=True) is None
    assert 0 < redis.ttl(keys.unique(SITE, "id:nightly")) <= policies_limits.UNIQUE_ID_TTL_S
    job = bench.enqueue(redis, name=name)
    redis.delete(keys.unique(SITE, "id:nightly"))
    assert claimed(redis, job.id, "id:nightly", reuse=True) == job.id


def test_a_key_is_given_back_by_who_has_it_only(redis: Any) -> None:
    first = holder(redis)
    unique.give_back(redis, SITE, KEY, "somebody else")
    assert claimed(redis, f"{SITE}||second") == first.id
    unique.give_back(redis, SITE, KEY, first.id)
    assert not redis.exists(keys.unique(SITE, KEY))


@pytest.mark.parametrize("mode", ["new", "reuse"])
def test_a_thousand_keys_that_two_processes_want_at_the_same_moment(
    redis: Any, server: Any, wait_until: Callable[..., Any], mode: str
) -> None:
    command = [sys.executable, "-m", "tests.support.claimer", server.url]
    claimers = [
        subprocess.Popen([*command, name, mode, "1000"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    wait_until(lambda: redis.scard("ready") == 2, message="both are ready")
    redis.set("go", 1)
    enqueued = [int(process.communicate(timeout=240)[0]) for process in claimers]
    ids = redis.lrange(keys.queue(bench.SHORT), 0, -1)
    assert sum(enqueued) == len(ids) == len(set(ids)) == 1000
    assert redis.hlen(keys.REFUSED) == (1000 if mode == "new" else 0)
    assert min(enqueued) > 0, "they did not run at the same time"
