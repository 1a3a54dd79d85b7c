"""A group's retry whose turns are killed, late or doubled, or that meets what others wrote: none runs twice."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from job_console.engine.failures import canary
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer

from .canaries import canary_state, queued, run, start
from .work import fail


@pytest.fixture
def console(engine: Engine) -> Console:
    return engine.console(Viewer("mia@example.com", site="a.localhost", may_act=True))


def test_a_turn_that_is_killed_anywhere_loses_and_doubles_nothing(
    redis: Any, engine: Engine, console: Console, turn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each turn ends before one of its commands, at every place in turn."""
    ids, runs = fail(redis, 12), Counter[str]()

    class Killed(BaseException):
        pass

    def dying(after: int) -> None:
        sent = [0]
        real = redis.connection_pool.connection_class.send_packed_command

        def send(self: Any, command: Any, *args: Any, **kwargs: Any) -> Any:
            sent[0] += 1
            if sent[0] > after:
                raise Killed
            return real(self, command, *args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(redis.connection_pool.connection_class, "send_packed_command", send)
            try:
                for each in canary.of_bench(redis, ""):
                    canary.turn(redis, engine.reader, each)
            except Killed:
                redis.connection_pool.disconnect()

    start(console)
    for number in range(200):
        for name in redis.smembers(keys.CANARIES_ON):
            redis.hincrbyfloat(keys.canary(name.decode()), "paced_at", -60 / 600)
        dying(after=1 + number % 12)
        runs.update(run(redis))
        if not redis.exists(keys.CANARIES_ON):
            break
    ended = canary_state(console)
    assert (ended["state"], ended["well"]) == ("done", 12)
    assert runs == dict.fromkeys(ids, 1)


def test_one_that_comes_late_retries_no_other_run(redis: Any, engine: Engine, console: Console) -> None:
    """It took the job out, and slept; another turn retried it, it ran and failed again: that run is none of its."""
    (job_id,) = fail(redis, 1)
    start(console)
    name = redis.zrange(keys.CANARIES, 0, 0)[0].decode()
    value = json.loads(redis.hget(keys.canary_out(name), job_id))
    run(redis, well=False)
    found = canary.read(redis, name)
    assert found is not None
    (job,) = engine.reader.read([job_id])
    canary._retry(redis, found, [(job, canary._Out(value[0], value[1], False))], value[1])
    assert queued(redis) == []


def test_two_at_once_do_what_one_does(redis: Any, engine: Engine, console: Console, turn: Any) -> None:
    fail(redis, 50)
    start(console, stop_at=100, rate=1.0)
    run(redis)
    stale = canary.of_bench(redis, "")
    for _twice in range(2):
        for each in stale:
            canary.turn(redis, engine.reader, each)
    assert len(queued(redis)) == len(set(queued(redis))) == 1
    turn(minutes=60)
    assert len(queued(redis)) == len(set(queued(redis))) == 50 - 1


def test_one_that_never_began_and_fails_so_again_counts(redis: Any, console: Console, turn: Any) -> None:
    """It has no start and no end by which two of its runs could be told apart."""
    (job_id,) = fail(redis, 1)
    redis.hset(keys.job(job_id), mapping={"started_at": "", "ended_at": ""})
    start(console)
    run(redis, well=False)
    redis.hset(keys.job(job_id), mapping={"started_at": "", "ended_at": ""})
    assert turn()["state"] == "stopped"


def test_strangers_break_nothing(redis: Any, engine: Engine, turn: Any, console: Console) -> None:
    fail(redis, 2)
    start(console)
    redis.zadd(keys.CANARIES, {"x@y": 9e9})
    redis.hset(keys.canary("x@y"), "parameters", "[]")
    run(redis)
    assert turn()["state"] == "releasing"
