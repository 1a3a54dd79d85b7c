"""A worker that is quiet, or stops after its job; a bench that is suspended: with real workers."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from job_console.engine.errors import BadRequest
from job_console.engine.operate import stopping
from job_console.engine.redis import keys
from tests.support.waiting import wait_until

from ..bench import SHORT, status
from .test_pausing import idle
from .work import enqueue, ran, waiting


def test_a_quiet_worker_finishes_its_job_and_takes_no_more(redis: Redis, obeying: Any, operate: Any, row: Any) -> None:
    process = obeying(SHORT)
    enqueue(redis, 1, takes_s=1.0)
    wait_until(lambda: status(redis, "a.localhost||1") == "started")
    assert operate("quiet", process.worker_name, 600)["ok"]
    enqueue(redis, 2)
    wait_until(lambda: ran(redis) == ["1"] and row(process)["state"] == "idle")
    assert row(process)["quiet"]["reason"] == "a test"
    other = obeying(SHORT)
    wait_until(lambda: ran(redis) == ["1", "2"], message="another one takes it")
    operate("quiet", other.worker_name, 600)
    enqueue(redis, 3)
    assert operate("unquiet", process.worker_name)["ok"]
    wait_until(lambda: ran(redis) == ["1", "2", "3"], message="it takes work again")
    assert row(other)["quiet"] is not None


def test_a_worker_of_rq_alone_cannot_be_quiet(redis: Redis, workers: Any, operate: Any, row: Any) -> None:
    process = workers.start(SHORT)
    refused = operate("quiet", process.worker_name, 600)
    assert not refused["ok"]
    assert "no such switch" in refused["reason"]
    assert row(process)["quiet"] is None


@pytest.mark.parametrize("fork", [True, False], ids=["forks", "does not fork"])
def test_a_busy_worker_stops_after_its_job(redis: Redis, workers: Any, operate: Any, row: Any, fork: bool) -> None:
    """RQ's own command: any worker hears it."""
    process = workers.start(SHORT, fork=fork)
    enqueue(redis, 1, takes_s=4.0)
    enqueue(redis, 2)
    wait_until(lambda: status(redis, "a.localhost||1") == "started")
    done = operate("stop_worker", process.worker_name)
    assert done["ok"], done
    assert done["state_after"] in ("stopping", "told"), done  # told: it has not got round to saying that it obeys
    wait_until(lambda: row(process)["draining_since"], message="it says that it obeys")
    again = operate("stop_worker", process.worker_name)
    assert not again["ok"]
    assert "told to stop" in again["reason"]
    process.wait(30)
    assert (ran(redis), waiting(redis)) == (["1"], ["2"])


def test_an_idle_worker_ends_at_once(redis: Redis, workers: Any, operate: Any) -> None:
    process = workers.start(SHORT)
    wait_until(lambda: idle(redis, process))
    done = operate("stop_worker", process.worker_name)
    assert (done["ok"], done["state_after"]) == (True, "gone"), done
    process.wait(30)


def test_one_that_does_not_listen_is_not_called_asked(redis: Redis) -> None:
    answer = stopping.stop_after_job(redis, "nobody", "busy", ())
    assert (answer.ok, answer.after) == (False, "busy")
    assert not redis.exists(keys.stop_sent("nobody"))


def test_a_suspended_bench_takes_nothing_more(redis: Redis, obeying: Any, operate: Any, now: Any) -> None:
    """Of RQ's own workers each that waits takes one more job: here it goes back."""
    process = obeying(SHORT)
    wait_until(lambda: idle(redis, process))
    assert operate("suspend", "", 600)["ok"]
    enqueue(redis, 1)
    wait_until(lambda: waiting(redis) == ["1"])
    suspension = now()["suspension"]
    assert (suspension["by"], suspension["reason"]) == ("mia@here", "a test")
    assert 590 < redis.ttl(keys.SUSPENDED) <= 600
    assert not ran(redis)


def test_a_suspension_ends_by_itself(redis: Redis, obeying: Any, operate: Any, now: Any) -> None:
    obeying(SHORT)
    operate("suspend", "", 3)
    enqueue(redis, 1)
    wait_until(lambda: ran(redis) == ["1"])
    assert now()["suspension"] is None


def test_who_suspended_it_is_forgotten_with_it(redis: Redis, operate: Any, console: Any, now: Any) -> None:
    operate("suspend", "", 600)
    (done,) = console.actions.run("resume")["results"]
    assert done["ok"]
    redis.set(keys.SUSPENDED, 1, ex=600)  # `rq suspend`
    assert now()["suspension"]["by"] is None
    assert now()["suspended"]


def test_another_tool_that_suspends_it_is_not_taken_for_us(redis: Redis, operate: Any, now: Any) -> None:
    operate("suspend", "", 600)
    redis.set(keys.SUSPENDED, 1)
    assert now()["suspension"] == {"by": None, "reason": None, "at": None, "until": None}


def test_a_worker_that_is_not_there(operate: Any) -> None:
    with pytest.raises(BadRequest, match="no living worker"):
        operate("stop_worker", "nobody")
