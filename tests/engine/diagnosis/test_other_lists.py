"""Jobs that wait in another queue's list than their records name: workers run what stands in a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from job_console.engine.redis import keys
from job_console.engine.service import Console

from ...support.processes import Workers
from ..bench import DEFAULT, LONG, SHORT, enqueue, places, scheduled_run, status

Wait = Callable[..., object]

pytestmark = pytest.mark.usefixtures("no_reader", "quick_proof")


def codes(console: Console) -> list[str]:
    console.engine.watch.forget()
    return [each["code"] for each in console.warnings.all(prove=True)["warnings"]]


def test_a_queue_that_was_renamed_holds_no_ghosts(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait
) -> None:
    """As when a bench is moved: all that waited was called a ghost, and put back it ran twice."""
    jobs = [enqueue(redis, queue=LONG), scheduled_run(redis, queue=LONG)]
    redis.rename(keys.queue(LONG), keys.queue(SHORT))
    redis.sadd(keys.QUEUES, keys.queue(SHORT))
    enqueue(redis, queue=DEFAULT)
    assert "ghost_queued" not in codes(console)
    assert console.warnings.mend()["results"] == []
    for job in jobs:
        because = console.jobs.explain(job.id)["because"]
        assert because[0].startswith("It waits in short, though its record says long: that queue was renamed")
        for action in ("requeue", "free", "fail"):
            (refused,) = console.actions.run(action, [job.id], reason="it looks lost")["results"]
            assert (refused["ok"], refused["state_after"]) == (False, "queued")
    assert [places(redis, job.id) for job in jobs] == [[f"queued {SHORT}"]] * 2
    workers.start(SHORT, burst=True)
    # The second one's method is none of the tests': RQ ran it all the same.
    wait_until(lambda: [status(redis, job.id) for job in jobs] == ["finished", "failed"])


def test_what_stands_nowhere_is_a_ghost_all_the_same(redis: Redis, console: Console) -> None:
    job = enqueue(redis, queue=LONG)
    redis.delete(keys.queue(LONG))
    enqueue(redis)
    assert "ghost_queued" in codes(console)
    outcome: dict[str, Any] = console.actions.run("requeue", [job.id])["results"][0]
    assert (outcome["ok"], places(redis, job.id)) == (True, [f"queued {LONG}"])
