"""Each action from each state, on real jobs that real workers ran; and the races that they must lose in peace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import redis as redis_py
from rq import Queue
from rq.job import Job
from rq.registry import CanceledJobRegistry

from job_console.engine.errors import BadRequest, Forbidden
from job_console.engine.jobs import actions
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.policies import limits as policies_limits
from job_console.engine.progress import limits as progress_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer

from ...support.processes import Workers
from .acting import act

STATES = ("queued", "started", "failed", "finished", "canceled", "scheduled", "deferred", "stopped")


@pytest.mark.parametrize("state", STATES)
def test_an_action_takes_its_states_and_refuses_the_others(
    state: str, in_state: Callable[[str], str], console: Console, queue: Queue, redis: redis_py.Redis
) -> None:
    job_id = in_state(state)
    for action in ("cancel", "retry", "front", "move", "delete", "stop", "requeue", "fail", "free"):
        if state in actions.STATES[action] and action not in ("requeue", "fail", "free"):
            continue
        before = redis.hgetall(keys.job(job_id))
        (result,) = act(console, action, job_id, to=queue.name if action == "move" else None)
        assert (result["ok"], result["state_before"]) == (False, state), action
        assert result["reason"]
        after = redis.hgetall(keys.job(job_id))
        before.pop(b"last_heartbeat", None)
        after.pop(b"last_heartbeat", None)
        assert after == before, f"{action} refused, but changed the job"


@pytest.mark.parametrize("state", ["queued", "deferred", "scheduled"])
def test_cancel(state: str, in_state: Callable[[str], str], console: Console, queue: Queue) -> None:
    job_id = in_state(state)
    (result,) = act(console, "cancel", job_id)
    assert (result["ok"], result["state_after"]) == (True, "canceled")
    job = queue.fetch_job(job_id)
    assert job.get_status() == "canceled"
    assert job_id not in queue.job_ids
    assert CanceledJobRegistry(queue=queue).get_job_ids() == [job_id]
    assert console.jobs.show(job_id)["actions"] == ["retry", "delete"]


@pytest.mark.parametrize("state", ["failed", "stopped", "canceled"])
def test_retry_runs_it_again(
    state: str, in_state: Callable[[str], str], console: Console, workers: Workers, queue: Queue, wait_until: Any
) -> None:
    job_id = in_state(state)
    workers.end_all()
    (result,) = act(console, "retry", job_id)
    assert (result["ok"], result["state_after"]) == (True, "queued")
    assert queue.job_ids == [job_id]
    assert queue.connection.ttl(keys.job(job_id)) == -1, "a failed job's record expires; a queued one's must not"
    workers.start(queue.name)
    expected = {"failed": "failed", "stopped": "started", "canceled": "finished"}[state]
    wait_until(lambda: queue.fetch_job(job_id).get_status() == expected and not queue.job_ids)


def test_retry_of_a_finished_job_is_a_new_job_with_its_site_in_its_id(
    enqueue: Callable[..., Job], console: Console, workers: Workers, queue: Queue, wait_until: Any
) -> None:
    old = enqueue("say_hello", job_id="a.localhost||one", name="Ann")
    workers.start(queue.name)
    wait_until(lambda: old.get_status() == "finished")
    (result,) = act(console, "retry", old.id)
    assert result["ok"]
    assert result["new_job_id"].startswith("a.localhost||")
    new = queue.fetch_job(result["new_job_id"])
    assert (new.kwargs, new.timeout, new.result_ttl) == (old.kwargs, old.timeout, old.result_ttl)
    wait_until(lambda: new.get_status() == "finished")
    assert new.return_value() == "Hello, Ann!"
    assert old.get_status() == "finished"


def test_stop_kills_the_run_and_says_what_became_of_it(in_state: Callable[[str], str], console: Console) -> None:
    job_id = in_state("started")
    (result,) = act(console, "stop", job_id)
    assert (result["ok"], result["state_before"], result["state_after"]) == (True, "started", "stopped")
    assert console.jobs.show(job_id)["error"] is not None


@pytest.mark.parametrize("action", ["stop", "stop_gently"])
def test_stop_is_for_the_run_that_was_seen(
    action: str, in_state: Callable[[str], str], console: Console, queue: Queue
) -> None:
    """All runs of a schedule have one id, and a page may be late."""
    job_id = in_state("started")
    started_at = console.jobs.show(job_id)["started_at"]
    for meant in ("2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00+00:00"):
        (result,) = act(console, action, job_id, started_at=meant)
        assert (result["ok"], result["state_after"]) == (False, "started")
        assert "another one" in result["reason"]
    assert queue.fetch_job(job_id).get_status() == "started"
    with pytest.raises(BadRequest, match="is no time"):
        act(console, action, job_id, started_at="yesterday")
    assert act(console, "stop", job_id, started_at=started_at.replace("Z", "+00:00"))[0]["ok"]


def test_stop_without_a_worker_that_hears_it_says_so(
    in_state: Callable[[str], str], console: Console, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = in_state("started")
    workers.end_all()
    monkeypatch.setattr(jobs_limits, "STOP_WAIT_S", 0.3)
    (result,) = act(console, "stop", job_id)
    assert (result["ok"], result["state_after"]) == (False, "started")
    assert "does not listen to commands" in result["reason"]


def test_front_and_move(enqueue: Callable[..., Job], console: Console, queue: Queue, redis: redis_py.Redis) -> None:
    first, second = enqueue("say_hello"), enqueue("say_hello")
    long = Queue("bench:long", connection=redis)
    long.enqueue("tests.jobs.say_hello")
    act(console, "front", second.id)
    assert queue.job_ids == [second.id, first.id]
    assert act(console, "move", first.id, to="long")[0]["ok"]
    assert (queue.job_ids, long.job_ids[-1]) == ([second.id], first.id)
    assert long.fetch_job(first.id).origin == "bench:long"
    with pytest.raises(BadRequest, match="no queue"):
        act(console, "move", second.id, to="nowhere")


@pytest.mark.parametrize("state", ["queued", "failed", "finished", "canceled", "scheduled", "deferred"])
def test_delete_leaves_nothing_of_the_job(
    state: str, in_state: Callable[[str], str], console: Console, redis: redis_py.Redis, workers: Workers
) -> None:
    job_id = in_state(state)
    workers.end_all()
    assert act(console, "delete", job_id)[0]["ok"]
    assert [key for key in redis.keys("*") if job_id.encode() in key] == []
    held = [
        name for name in redis.keys("rq:*") if redis.type(name) == b"zset" and redis.zscore(name, job_id) is not None
    ]
    assert held == []


def test_deleting_goes_through_no_deep_queue(
    in_state: Callable[[str], str], console: Console, redis: redis_py.Redis, queue: Queue, workers: Workers
) -> None:
    """Redis does nothing else meanwhile: of hundreds of failed jobs each would hold up a million others."""
    job_id = in_state("failed")
    workers.end_all()
    redis.rpush(queue.key, *(f"other{n}" for n in range(policies_limits.LPOS_DEPTH + 1)))
    console.snapshot()
    redis.config_resetstat()
    assert act(console, "delete", job_id)[0]["ok"]
    assert "cmdstat_lrem" not in redis.info("commandstats")
    redis.delete(queue.key)


def test_resume(console: Console, redis: redis_py.Redis) -> None:
    redis.set("rq:suspended", 1)
    assert act(console, "resume")[0]["ok"]
    assert not redis.exists("rq:suspended")
    assert not act(console, "resume")[0]["ok"]


def test_bad_requests(console: Console, engine: Engine, enqueue: Callable[..., Job]) -> None:
    job = enqueue("say_hello")
    for action, ids, more in (
        ("explode", [job.id], {}),
        ("cancel", [], {}),
        ("cancel", [job.id, job.id], {}),
        ("cancel", [str(n) for n in range(jobs_limits.BULK_JOBS + 1)], {}),
        ("cancel", [job.id], {"reason": "x" * (progress_limits.REASON_CHARS + 1)}),
    ):
        with pytest.raises(BadRequest):
            console.actions.run(action, ids, **more)
    with pytest.raises(Forbidden):
        engine.console(Viewer("guest")).actions.run("cancel", [job.id])
    (missing,) = act(console, "cancel", "no-such-job")
    assert (missing["ok"], missing["state_before"]) == (False, "missing")
    assert job.get_status() == "queued"


def test_every_action_is_in_the_trail_refused_ones_too(enqueue: Callable[..., Job], console: Console) -> None:
    job = enqueue("say_hello")
    act(console, "cancel", job.id, reason="no longer needed")
    act(console, "cancel", job.id, "missing")
    entries = console.actions.audit()["entries"]
    assert [(each["job_id"], each["ok"]) for each in entries] == [("missing", False), (job.id, False), (job.id, True)]
    assert (entries[-1]["actor"], entries[-1]["reason"]) == ("tester@here", "no longer needed")
