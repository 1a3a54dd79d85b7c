"""An action and its entry in the trail are one step: what is said is what happened, also on a server in trouble."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any
from unittest.mock import ANY

import pytest
import redis as redis_py
from redis.exceptions import ConnectionError as RedisConnectionError

from job_console.console.embedded import embedded_server
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.jobs import state_change, stopping, telling
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.locks import Who
from job_console.engine.operate import limits as operate_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer

from ...support.waiting import wait_until
from .. import bench
from ..bench import DEFAULT, SHORT

FULL = {"maxmemory-policy": "noeviction", "maxmemory": "1"}


def act(console: Console, action: str, *job_ids: str, **more: Any) -> list[dict[str, Any]]:
    return list(console.actions.run(action, job_ids, "a test", **more)["results"])


def reported(console: Console) -> list[tuple[str, str, bool]]:
    return [(entry["action"], entry["job_id"], entry["ok"]) for entry in console.actions.audit()["entries"]]


@pytest.fixture
def full(redis: Any) -> Iterator[Any]:
    """Call it, and Redis takes nothing more."""
    try:
        yield lambda: [redis.config_set(name, value) for name, value in FULL.items()]
    finally:
        redis.config_set("maxmemory", "0")


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


def running(redis: Any) -> str:
    """A job that runs, as far as its record and its worker say."""
    job = bench.enqueue(redis)
    redis.delete(keys.queue(SHORT))
    started = {"status": "started", "worker_name": "w1", "started_at": bench.ago(5)}
    redis.hset(keys.job(job.id), mapping=started)
    redis.zadd(keys.registry("started", SHORT), {job.id: 2e9})
    worker = {"birth": bench.ago(60), "last_heartbeat": bench.ago(1), "state": "busy", "queues": SHORT}
    redis.sadd(keys.WORKERS, keys.worker("w1"))
    redis.hset(keys.worker("w1"), mapping={**worker, "current_job": job.id})
    return str(job.id)


@pytest.fixture
def heard(redis: Any) -> Iterator[Any]:
    """What the worker w1 has been told so far."""
    listener = redis.pubsub(ignore_subscribe_messages=True)
    listener.subscribe("rq:pubsub:w1")
    listener.get_message(timeout=5)

    def commands() -> list[str]:
        found = []
        while (message := listener.get_message(timeout=0.2)) is not None:
            found.append(json.loads(message["data"])["command"])
        return found

    yield commands
    listener.close()


def entries(console: Console) -> list[tuple[str, bool, str]]:
    return [(entry["action"], entry["ok"], entry["state_after"]) for entry in console.actions.audit()["entries"]]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STOP_WAIT_S", "RUNG_WAIT_S"):
        monkeypatch.setattr(jobs_limits, name, 0.1)
    monkeypatch.setattr(operate_limits, "STOP_WAIT_S", 0.1)


@pytest.mark.parametrize("action", ["stop", "stop_gently"])
def test_that_a_worker_is_told_to_stop_its_job_stands_in_the_trail_as_it_is_told(
    action: str, redis: Any, console: Console, heard: Any, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that asks dies before it has seen what came of it."""
    job_id = running(redis)
    monkeypatch.setattr(stopping, "_ended", lambda *_any: sys.exit("killed"))
    if action == "stop_gently":
        monkeypatch.setattr(stopping, "_ended", lambda *given: [] if given[-1] == 0.0 else sys.exit("killed"))
    with pytest.raises(SystemExit):
        act(console, action, job_id)
    # A gentle stop has asked, and has come to its second rung.
    assert entries(console) == [(action, True, "asked")] * (1 if action == "stop" else 2)
    assert heard() == (["stop-job"] if action == "stop" else [])


def test_a_worker_that_does_not_listen_is_not_said_to_have_been_told(
    redis: Any, console: Console, impatient: None
) -> None:
    """rq 1.15: a connection that breaks takes the worker's ears."""
    job_id = running(redis)
    (deaf,) = act(console, "stop", job_id)
    assert (deaf["ok"], "does not listen to commands" in deaf["reason"]) == (False, True)
    assert not redis.hexists(keys.asked(job_id), "hard_stop"), "when it fails now, it has failed"


def test_on_a_full_server_a_job_and_a_worker_can_still_be_stopped(
    redis: Any, console: Console, heard: Any, impatient: None, full: Any
) -> None:
    job_id = running(redis)
    full()
    (stopped,) = act(console, "stop", job_id)
    assert "has not stopped it yet" in stopped["reason"]
    (told,) = console.operations.run("stop_worker", "w1", None, "a test")["results"]
    assert (told["ok"], told["state_after"]) == (True, "told")
    (suspended,) = console.operations.run("suspend", "", 600, "a test")["results"]
    assert (suspended["ok"], suspended["reason"]) == (True, "")
    assert redis.exists(keys.SUSPENDED)
    redis.config_set("maxmemory", "0")
    assert heard() == ["stop-job", "shutdown"]
    # That the worker has not obeyed yet is a second entry, for which there was no room.
    assert entries(console) == [("suspend", True, "suspended"), ("stop_worker", True, "told"), ("stop", True, "asked")]


def test_a_server_that_takes_no_writes_tells_nobody_and_says_so(
    redis: Any, console: Console, heard: Any, impatient: None
) -> None:
    job_id = running(redis)
    redis.config_set("min-replicas-to-write", "1")
    try:
        answers = [
            *act(console, "stop", job_id),
            *act(console, "stop_gently", job_id),
            *console.operations.run("stop_worker", "w1", None, "a test")["results"],
            *console.operations.run("suspend", "", 600, "a test")["results"],
        ]
    finally:
        redis.config_set("min-replicas-to-write", "0")
    for answer in answers:
        assert not answer["ok"], answer
        assert answer["state_after"] == answer["state_before"], answer
        assert "Nothing was changed" in answer["reason"], answer
    assert heard() == []
    assert entries(console) == []
    assert not redis.exists(keys.SUSPENDED)


def test_what_was_asked_of_some_before_the_connection_broke_is_told_of_each(
    redis: Any, console: Console, heard: Any, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_ids, calls = [running(redis), running(redis)], []
    answers = telling.answers

    def breaking(pipeline: Any, commands: int) -> Any:
        calls.append(commands)
        return answers(pipeline, commands) if len(calls) == 1 else [RedisConnectionError("Connection closed.")]

    monkeypatch.setattr(telling, "answers", breaking)
    first, second = act(console, "stop", *job_ids)
    assert (first["state_after"], "has not stopped it yet" in first["reason"]) == ("started", True)
    assert (second["ok"], second["state_after"]) == (False, "unknown")
    assert "not known" in second["reason"]


def test_a_lock_and_what_was_written_of_it_are_one_step(redis: Any, console: Console, full: Any) -> None:
    name = "a.localhost|recalc:C-1"
    Lock(redis, name, LockOptions(owner="job-1", wait_s=0.0), Who(job_id="job-1", site="a.localhost")).acquire()
    full()
    assert console.locks.release(name, "it hangs") == {"released": 1, "lock": ANY}
    redis.config_set("maxmemory", "0")
    (entry,) = console.actions.audit()["entries"]
    told = {field: entry[field] for field in ("action", "job_id", "ok", "state_before", "state_after", "reason")}
    assert told == {
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
