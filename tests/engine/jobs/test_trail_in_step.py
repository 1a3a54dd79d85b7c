"""An action and its entry in the trail are one step: what is said is what happened, also on a server in trouble."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import ANY

import pytest
import redis as redis_py
from redis.exceptions import ConnectionError as RedisConnectionError

from job_console.console.embedded import embedded_server
from job_console.engine.jobs import state_change
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.locks import Who
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer

from ...support.waiting import wait_until
from .. import bench
from ..bench import DEFAULT, SHORT
from .acting import act


def reported(console: Console) -> list[tuple[str, str, bool]]:
    return [(entry["action"], entry["job_id"], entry["ok"]) for entry in console.actions.audit()["entries"]]


def failed(redis: Any) -> str:
    job = bench.enqueue(redis)
    redis.delete(keys.queue(SHORT))
    redis.hset(keys.job(job.id), "status", "failed")
    redis.zadd(keys.registry("failed", SHORT), {job.id: 2e9})
    return str(job.id)


def test_on_a_full_server_what_takes_away_is_done_and_reported(redis: Any, console: Console, full: Any) -> None:
    bad, again = failed(redis), failed(redis)
    waiting, front, moved = (bench.enqueue(redis).id for _ in range(3))
    redis.sadd(keys.QUEUES, keys.queue(DEFAULT))
    full()
    assert act(console, "delete", bad)[0]["ok"]
    assert act(console, "cancel", waiting)[0]["ok"]
    assert act(console, "front", front)[0]["ok"]
    assert act(console, "move", moved, to=DEFAULT)[0]["ok"]
    assert act(console, "retry", again)[0]["ok"]
    redis.config_set("maxmemory", "0")
    assert not redis.exists(keys.job(bad))
    assert bench.status(redis, waiting) == "canceled"
    assert bench.places(redis, moved) == [f"queued {DEFAULT}"]
    assert bench.status(redis, again) == "queued"
    wanted = [("retry", again), ("move", moved), ("front", front), ("cancel", waiting), ("delete", bad)]
    assert reported(console) == [(action, job_id, True) for action, job_id in wanted]


def test_what_a_full_server_refuses_is_not_done(redis: Any, console: Console, full: Any) -> None:
    """A copy of a finished job needs room."""
    job = bench.enqueue(redis)
    redis.delete(keys.queue(SHORT))
    redis.hset(keys.job(job.id), "status", "finished")
    redis.zadd(keys.registry("finished", SHORT), {job.id: 2e9})
    full()
    (result,) = act(console, "retry", job.id)
    assert not result["ok"]
    assert "Nothing was changed" in result["reason"]
    assert "memory" in result["reason"]
    assert redis.llen(keys.queue(SHORT)) == 0


def test_a_refusal_on_a_full_server_is_a_refusal(redis: Any, console: Console, full: Any) -> None:
    job_id = failed(redis)
    full()
    (result,) = act(console, "cancel", job_id)
    assert (result["ok"], result["state_after"]) == (False, "failed")
    assert "only waiting jobs" in result["reason"]


def test_a_server_that_only_copies_changes_nothing_and_says_so(own_server: Any) -> None:
    with embedded_server() as source:
        client, original = redis_py.Redis.from_url(own_server.url), redis_py.Redis.from_url(source.url)
        original.config_set("repl-diskless-sync-delay", "0")
        jobs = [bench.enqueue(original).id for _ in range(2)]
        client.replicaof("127.0.0.1", str(source.port))
        wait_until(lambda: all(client.exists(keys.job(job_id)) for job_id in jobs), 60)
        console = Engine(client).console(Viewer("tester@here", may_act=True))
        for result in act(console, "cancel", *jobs):
            assert (result["ok"], result["state_before"], result["state_after"]) == (False, "queued", "queued")
            assert "Nothing was changed" in result["reason"]
        assert [bench.status(client, job_id) for job_id in jobs] == ["queued", "queued"]
        client.close()
        original.close()


@pytest.mark.parametrize("action", ["cancel", "delete", "move", "front"])
def test_a_call_that_is_sent_twice_is_done_once(
    action: str, redis: Any, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection broke before the answer came, and redis-py sent it again."""
    job_id, send = bench.enqueue(redis).id, state_change.send
    monkeypatch.setattr(state_change, "send", lambda client, step: (send(redis, step), send(client, step))[1])
    redis.sadd(keys.QUEUES, keys.queue(DEFAULT))
    (result,) = act(console, action, job_id, to=DEFAULT if action == "move" else None)
    after = {"cancel": "canceled", "delete": "gone", "move": "queued", "front": "queued"}[action]
    assert (result["ok"], result["state_before"], result["state_after"]) == (True, "queued", after)
    assert len(bench.places(redis, job_id)) == (0 if action == "delete" else 1)


def test_a_connection_that_breaks_leaves_it_open(redis: Any, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = bench.enqueue(redis).id
    broken = [RedisConnectionError("Connection closed by server.")]
    monkeypatch.setattr(state_change, "answers", lambda pipeline, commands: broken * commands)
    (result,) = act(console, "cancel", job_id)
    assert (result["ok"], result["state_after"]) == (False, "unknown")
    assert "not known" in result["reason"]


def test_what_was_done_and_could_not_be_reported_says_so(redis: Any, console: Console) -> None:
    redis.set(keys.AUDIT, "no stream")
    job_id = bench.enqueue(redis).id
    (result,) = act(console, "cancel", job_id)
    assert result["ok"]
    assert "audit trail" in result["reason"]
    assert bench.status(redis, job_id) == "canceled"


def test_a_key_of_another_type_stops_it_before_anything_is_lost(redis: Any, console: Console) -> None:
    job_id = bench.enqueue(redis).id
    redis.set(keys.registry("canceled", SHORT), "no registry")
    (result,) = act(console, "cancel", job_id)
    assert not result["ok"]
    assert keys.registry("canceled", SHORT) in result["reason"]
    assert redis.lrange(keys.queue(SHORT), 0, -1) == [job_id.encode()]
    assert bench.status(redis, job_id) == "queued"


def test_a_lock_and_what_was_written_of_it_are_one_step(redis: Any, console: Console, full: Any) -> None:
    name = "a.localhost|recalc:C-1"
    Lock(redis, name, LockOptions(owner="job-1", wait_s=0.0), Who(job_id="job-1", site="a.localhost")).acquire()
    full()
    assert console.locks.release(name, "it hangs") == {"released": 1, "lock": ANY}
    redis.config_set("maxmemory", "0")
    (entry,) = console.actions.audit()["entries"]
    shown = {field: entry[field] for field in ("action", "job_id", "ok", "state_before", "state_after", "reason")}
    assert shown == {
        "action": "release_lock",
        "job_id": "job-1",
        "ok": True,
        "state_before": "held",
        "state_after": "free",
        "reason": "it hangs",
    }
    assert (entry["detail"], entry["site"]) == (name, "a.localhost")


def test_an_edited_copy_and_a_closed_circuit_are_in_the_trail_as_they_are_made(redis: Any, console: Console) -> None:
    redis.set(keys.AUDIT, "no stream")
    job_id = bench.enqueue(redis, kwargs={"name": "ann"}).id
    redis.delete(keys.queue(SHORT))
    redis.hset(keys.job(job_id), "status", "failed")
    done = console.actions.retry_edited(job_id, {"name": "kim"}, "a test")["results"][0]
    assert done["ok"]
    assert "audit trail" in done["reason"]
    known = {"site": "a.localhost", "method": bench.HELLO, "job": job_id, "queue": SHORT, "error": "E"}
    times = {"opened_at": 1.0, "trial_at": 2.0, "jobs": 5, "held": 0}
    redis.hset(keys.CIRCUITS, f"a.localhost:{bench.HELLO}", json.dumps({**known, **times}))
    (closed,) = act(console, "close_circuit", job_id)
    assert closed["ok"]
    assert "audit trail" in closed["reason"]
    redis.delete(keys.AUDIT)
    (again,) = act(console, "close_circuit", job_id)
    assert (again["ok"], "is not open" in again["reason"]) == (False, True)
