"""Running a job again: for the asking where that is harmless, with a reason where its policy says that it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from job_console.engine.models.policies import Policy
from job_console.engine.policies import store
from job_console.engine.service import Console, Engine, Viewer

from .. import bench

SITE = "a.localhost"
FAIL = "tests.jobs.fail"


@pytest.fixture
def console(redis: Redis) -> Console:
    return Engine(redis).console(Viewer("sam", SITE, may_act=True))


@pytest.fixture
def says(redis: Redis, console: Console) -> Callable[[str], None]:
    def publish(idempotency: str) -> None:
        policy = Policy("Fail", "method", FAIL, idempotency=idempotency)
        store.publish(redis, SITE, [policy], store.take_ticket(redis))
        console.engine.watch.forget()

    return publish


@pytest.fixture
def failed(redis: Redis, workers: Any) -> str:
    job = bench.enqueue(redis, FAIL, kwargs={"message": "no"})
    workers.start(bench.SHORT, burst=True).wait(30)
    assert bench.status(redis, job.id) == "failed"
    return str(job.id)


def retry(console: Console, job_id: str, reason: str = "") -> dict[str, Any]:
    (outcome,) = console.actions.run("retry", [job_id], reason=reason)["results"]
    return outcome


def test_what_is_unsafe_wants_a_reason(
    redis: Redis, console: Console, says: Callable[[str], None], failed: str
) -> None:
    says("unsafe")
    assert console.jobs.show(failed)["repeat"] == "unsafe"
    for nothing in ("", "  "):
        refused = retry(console, failed, nothing)
        assert (refused["ok"], refused["state_after"]) == (False, "failed")
        assert "It is not safe to repeat, says its policy Fail" in refused["reason"]
    assert bench.status(redis, failed) == "failed"
    assert retry(console, failed, "nothing was booked yet")["ok"]
    newest, refusal = console.actions.audit()["entries"][:2]
    assert (newest["ok"], newest["reason"], refusal["ok"]) == (True, "nothing was booked yet", False)
    assert console.jobs.show(failed)["repeat"] == "safe", "it waits: there is nothing to repeat yet"


@pytest.mark.parametrize("said", ["safe", "unknown"])
def test_what_is_not_unsafe_runs_again_for_the_asking(
    console: Console, says: Callable[[str], None], failed: str, said: str
) -> None:
    says(said)
    assert console.jobs.show(failed)["repeat"] == said
    assert retry(console, failed)["ok"]


def test_what_never_ran_is_not_repeated(redis: Redis, console: Console, says: Callable[[str], None]) -> None:
    says("unsafe")
    job = bench.enqueue(redis, FAIL, kwargs={"message": "no"})
    assert console.actions.run("cancel", [job.id])["results"][0]["ok"]
    assert console.jobs.show(job.id)["repeat"] == "safe"
    assert retry(console, job.id)["ok"]


def test_one_among_many_holds_up_no_other(
    redis: Redis, console: Console, says: Callable[[str], None], failed: str
) -> None:
    says("unsafe")
    other = bench.enqueue(redis, "tests.jobs.say_hello", queue=bench.LONG)
    console.actions.run("cancel", [other.id])
    results = console.actions.run("retry", [failed, other.id])["results"]
    assert [(each["job_id"], each["ok"]) for each in results] == [(failed, False), (other.id, True)]
