"""What a worker is told, and its entry in the trail, are one step: also on a server in trouble."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from job_console.engine.jobs import job_requests, stopping
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.operate import limits as operate_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console

from .. import bench
from ..bench import SHORT
from .acting import act


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
    answers = job_requests.answers

    def breaking(pipeline: Any, commands: int) -> Any:
        calls.append(commands)
        return answers(pipeline, commands) if len(calls) == 1 else [RedisConnectionError("Connection closed.")]

    monkeypatch.setattr(job_requests, "answers", breaking)
    first, second = act(console, "stop", *job_ids)
    assert (first["state_after"], "has not stopped it yet" in first["reason"]) == ("started", True)
    assert (second["ok"], second["state_after"]) == (False, "unknown")
    assert "not known" in second["reason"]
