"""Pause, resume, hand over, more time: asked from here, done by the job, told as it really went."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from rq import Queue

from job_console.engine.progress import limits as progress_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console

from ...support.processes import Workers
from ..bench import SHORT, places, status

WORK = "tests.engine.chunked.steps"


@pytest.fixture
def start(redis: Redis, workers: Workers, wait_until: Callable[..., object]) -> Callable[..., str]:
    """Enqueues `steps` and returns its id when it tells its progress."""

    def running(count: int = 1_000, chunked: bool = True, timeout: int = 300, fork: bool = True) -> str:
        job = Queue(SHORT, connection=redis).enqueue(WORK, count, chunked, job_timeout=timeout, job_id="work")
        workers.start(SHORT, fork=fork)
        wait_until(lambda: redis.exists(keys.progress(job.id)))
        return job.id

    return running


def act(console: Console, action: str, job_id: str = "work") -> dict[str, Any]:
    (result,) = console.actions.run(action, [job_id], reason="month end")["results"]
    return result


def test_pause_and_resume(console: Console, redis: Redis, start: Callable[..., str], wait_until: Any) -> None:
    start()
    assert "pause" in console.jobs.show("work")["actions"]
    paused = act(console, "pause")
    assert (paused["ok"], paused["state_after"]) == (True, "scheduled")
    shown = console.jobs.show("work")
    assert shown["progress"]["parked"]["by"] == "sam"
    assert "unpause" in shown["actions"]
    (lane,) = console.snapshot()["queues"]
    assert [job["id"] for job in lane["parked"]] == ["work"]
    assert console.jobs.explain("work")["because"][0].startswith("It was paused by sam")
    resumed = act(console, "unpause")
    assert (resumed["ok"], resumed["state_after"]) == (True, "queued")
    wait_until(lambda: status(redis, "work") == "started")
    assert places(redis, "work")[0].startswith("started")
    trail = console.actions.audit()["entries"]
    assert [(entry["action"], entry["state_after"], entry["reason"]) for entry in trail] == [
        ("unpause", "queued", "month end"),
        ("pause", "scheduled", "month end"),
        ("pause", "asked", "month end"),
    ]
    assert {entry["method"] for entry in trail} == {WORK}


def test_hand_over_leaves_the_rest_to_another_run(console: Console, redis: Redis, start: Callable[..., str]) -> None:
    start()
    before = redis.hget(keys.job("work"), "started_at")
    assert act(console, "hand_over")["ok"]
    assert redis.hget(keys.job("work"), "started_at") != before or status(redis, "work") == "queued"


@pytest.mark.parametrize("fork", [True, False], ids=["forks", "does not fork"])
def test_more_time_is_what_the_worker_can_honour(
    console: Console, redis: Redis, start: Callable[..., str], wait_until: Any, fork: bool
) -> None:
    start(count=200, chunked=False, timeout=8, fork=fork)  # ten seconds of work
    lease = redis.zrange(keys.registry("started", SHORT), 0, -1, withscores=True)[0][1]
    given = act(console, "more_time")
    extended = 8 if not fork else min(8, progress_limits.EXTEND_FORKED_S)
    assert (given["ok"], given["reason"]) == (True, f"It has {extended:.0f} s more.")
    if not fork:
        assert redis.zrange(keys.registry("started", SHORT), 0, -1, withscores=True)[0][1] == lease + 8
    again = act(console, "more_time")
    assert (again["ok"], again["reason"]) == (False, "It was given more time before; it gets that once.")
    wait_until(lambda: status(redis, "work") != "started")
    assert status(redis, "work") == "finished"


def test_a_forked_run_gets_no_more_than_its_parent_allows(console: Console, start: Callable[..., str]) -> None:
    start(timeout=300)
    assert act(console, "more_time")["reason"] == f"It has {progress_limits.EXTEND_FORKED_S:.0f} s more."


def test_who_cannot_is_not_asked(console: Console, redis: Redis, start: Callable[..., str], enqueue: Any) -> None:
    start(chunked=False)
    assert "pause" not in console.jobs.show("work")["actions"]
    refused = act(console, "pause")
    assert not refused["ok"]
    assert "it cannot be paused" in refused["reason"]
    waiting = enqueue("say_hello").id
    assert act(console, "pause", waiting)["reason"] == "It is queued: nothing runs."
    assert not act(console, "unpause", waiting)["ok"]


def test_what_is_scheduled_by_others_cannot_be_resumed(console: Console, redis: Redis) -> None:
    job = Queue(SHORT, connection=redis).enqueue_in(timedelta(days=9_000), "tests.jobs.say_hello")
    refused = act(console, "unpause", job.id)
    assert (refused["ok"], status(redis, job.id)) == (False, "scheduled")
    assert console.snapshot()["queues"][0]["parked"] == []
