"""Workers that end as soon as they start, again and again: in every other look one of them is alive (frappe#24853)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from redis import Redis

from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console

from ...support.processes import Workers
from ..bench import SHORT, age, enqueue, status

pytestmark = pytest.mark.usefixtures("no_reader", "quick_proof")


def test_nobody_takes_the_work_whether_one_lives_at_the_moment_or_not(
    redis: Redis,
    console: Console,
    workers: Workers,
    wait_until: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(diagnosis_limits, "BEGUN_S", 600.0)  # this machine may be busy
    job = enqueue(redis)
    age(redis, job.id, 900, "enqueued_at", "created_at")

    def message() -> str:
        console.engine.watch.forget()
        (found,) = console.warnings.all(prove=True)["warnings"]
        assert (found["code"], found["severity"]) == ("no_workers", "critical")
        return str(found["message"])

    said = [message()]
    for _ in range(2):
        worker = workers.start(SHORT, extra=("--die", "begun"))
        said.append(message())
        redis.rpush("end", 1)
        worker.wait(30)
        wait_until(lambda: not redis.smembers(keys.WORKERS))
        said.append(message())
    begun = ["its workers have just begun and took none" in each for each in said]
    assert begun == [False, True, False, True, False]
    assert all(each.endswith("1 job waiting, the oldest for 15 min.") for each in said)
    workers.start(SHORT)
    wait_until(lambda: status(redis, job.id) == "finished")
    console.engine.watch.forget()
    assert console.warnings.all(prove=True)["warnings"] == []
