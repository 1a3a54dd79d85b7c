"""A method that is paused: its jobs are put away before they begin, and come back in the end. With real workers."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from redis import Redis

from job_console.engine.redis import keys
from job_console.engine.retries import store
from job_console.engine.service import Console
from tests.support.waiting import wait_until

from ..bench import SHORT, status
from .work import METHOD, enqueue, enqueue_held, ran

SITE = "a.localhost"
NAME = f"{SITE}:{METHOD}"


def explained(console: Console, job_id: str) -> dict[str, Any]:
    console.engine.watch.forget()
    return console.jobs.explain(job_id)


def move_due(redis: Redis) -> None:
    store.move_due(redis, datetime.now(timezone.utc), 100)


@pytest.mark.parametrize("fork", [True, False], ids=["forks", "does not fork"])
def test_its_jobs_wait_unrun_and_others_run(
    redis: Redis, workers: Any, operate: Any, console: Console, fork: bool
) -> None:
    assert operate("pause_method", NAME, 600, reason="the bank is down")["ok"]
    workers.start(SHORT, fork=fork)
    mine, theirs = enqueue_held(redis, 1), enqueue_held(redis, 2, "b.localhost")
    enqueue(redis, 3)
    wait_until(lambda: ran(redis) == ["2", "3"], message="others run")
    wait_until(lambda: redis.zscore(keys.registry("scheduled", SHORT), mine.id) is not None, message="it is put away")
    assert status(redis, theirs.id) != "scheduled"
    said = explained(console, mine.id)
    assert said["because"][0].startswith("Its method is paused by mia@here for 10 min more")
    assert "the bank is down. It goes to the end of its lane then." in said["because"][0]
    assert [remedy["action"] for remedy in said["remedies"]] == ["resume_method"]
    assert operate("resume_method", NAME)["ok"]

    def runs() -> bool:
        move_due(redis)  # as each job that ends does, and every sweep
        return ran(redis) == ["2", "3", "1"]

    wait_until(runs, message="it runs")
    assert not redis.exists(keys.progress(mine.id), keys.held_jobs(NAME))


def test_they_come_back_when_it_ends_by_itself(redis: Redis, workers: Any, operate: Any) -> None:
    operate("pause_method", NAME, 600)
    workers.start(SHORT)
    enqueue_held(redis, 1)
    wait_until(lambda: redis.zcard(keys.registry("scheduled", SHORT)), message="it is put away")
    operate("pause_method", NAME, 1)  # a shorter one in its place is theirs, too

    def runs() -> bool:
        move_due(redis)
        return ran(redis) == ["1"]

    wait_until(runs, message="it runs")


def test_somebody_brings_one_back(redis: Redis, workers: Any, operate: Any, console: Console) -> None:
    """What our keys lost is not lost: RQ's registry has it, and so has the page."""
    operate("pause_method", NAME, 600)
    workers.start(SHORT)
    job = enqueue_held(redis, 1)
    wait_until(lambda: redis.zcard(keys.registry("scheduled", SHORT)), message="it is put away")
    redis.delete(keys.HOLDS, keys.RETRIES, keys.held_jobs(NAME))
    said = explained(console, job.id)
    assert "is not any more" in said["because"][0]
    (done,) = console.actions.run("unpause", [job.id])["results"]
    assert done["ok"], done
    wait_until(lambda: ran(redis) == ["1"], message="it runs")


def test_one_that_waits_in_its_lane_says_why_it_will_wait_longer(redis: Redis, operate: Any, console: Console) -> None:
    job = enqueue_held(redis, 1)
    operate("pause_method", NAME, 600)
    said = explained(console, job.id)
    assert "puts it away until then" in said["because"][0]
    assert said["expected_start_s"] is None
