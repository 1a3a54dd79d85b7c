"""A queue that is paused, with real workers: its jobs stay, in their order, and none is lost or done twice."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from job_console.engine.redis import keys
from job_console.engine.redis.link import script
from tests.support.waiting import wait_until

from ..bench import DEFAULT, SHORT, status
from .work import enqueue, ran, waiting

#: Of one queue RQ's worker keeps what it takes in a second list; of several it does not.
LISTENING = [(SHORT,), (SHORT, DEFAULT)]


def idle(redis: Redis, process: Any) -> bool:
    """It waits for work, in Redis."""
    return any(
        client["name"] == process.worker_name or client["cmd"] in ("blpop", "blmove")
        for client in redis.client_list()
        if client["cmd"] in ("blpop", "blmove")
    )


def is_between_lists(redis: Redis) -> bool:
    return bool(redis.exists(keys.intermediate(SHORT)))


@pytest.mark.parametrize("queues", LISTENING, ids=["one queue", "two queues"])
def test_what_comes_while_a_worker_waits_for_it_stays(
    redis: Redis, obeying: Any, operate: Any, queues: tuple[str, ...]
) -> None:
    """It waits in Redis for just this queue when the pause comes, and is given the next job before it could ask."""
    process = obeying(*queues)
    wait_until(lambda: idle(redis, process), message="it waits")
    assert operate("pause_queue", SHORT, 600)["ok"]
    for number in range(3):
        enqueue(redis, number)
    wait_until(lambda: waiting(redis) == ["0", "1", "2"] and not is_between_lists(redis), message="all are back")
    enqueue(redis, 3, DEFAULT) if DEFAULT in queues else None
    if DEFAULT in queues:
        wait_until(lambda: ran(redis) == ["3"], message="its other queue is served")
    assert waiting(redis) == ["0", "1", "2"]
    assert {status(redis, f"a.localhost||{number}") for number in range(3)} == {"queued"}
    assert operate("resume_queue", SHORT)["ok"]
    wait_until(lambda: ran(redis)[-3:] == ["0", "1", "2"], message="they run, in their order")
    wait_until(lambda: not is_between_lists(redis))


@pytest.mark.parametrize("fork", [True, False], ids=["forks", "does not fork"])
def test_a_pause_ends_by_itself(redis: Redis, obeying: Any, operate: Any, lane: Any, fork: bool) -> None:
    """Nobody is there who would end it: no sweep, no viewer."""
    obeying(SHORT, fork=fork)
    assert operate("pause_queue", SHORT, 3)["ok"]
    enqueue(redis, 1)
    paused = lane(SHORT)["paused"]
    assert (paused["by"], paused["reason"], paused["deaf"]) == ("mia@here", "a test", [])
    assert not ran(redis)
    wait_until(lambda: ran(redis) == ["1"], message="it runs")
    assert lane(SHORT)["paused"] is None


def test_what_redis_lost_is_not_paused(redis: Redis, obeying: Any, operate: Any) -> None:
    obeying(SHORT)
    operate("pause_queue", SHORT, 600)
    enqueue(redis, 1)
    wait_until(lambda: waiting(redis) == ["1"])
    redis.delete(*redis.scan_iter("rq:job_console:*"))
    wait_until(lambda: ran(redis) == ["1"], message="it runs")


def test_none_is_lost_or_done_twice_while_pauses_come_and_workers_are_killed(
    redis: Redis, obeying: Any, operate: Any, workers: Any
) -> None:
    """What a killed worker has just popped is RQ's own gap: here they are killed while all is paused."""
    numbers, each = [str(number) for number in range(24)], 12
    crew = [obeying(SHORT, DEFAULT), obeying(SHORT)]
    for start in range(0, len(numbers), each):
        operate("pause_queue", SHORT, 600)
        for number in numbers[start : start + each]:
            enqueue(redis, number)
        wait_until(lambda: sorted(waiting(redis), key=int) == numbers[len(ran(redis)) :][:each], message="all are back")
        for process in crew:
            workers.kill(process)
        crew = [obeying(SHORT, DEFAULT), obeying(SHORT)]
        operate("resume_queue", SHORT)
        wait_until(lambda start=start: len(ran(redis)) >= start + each, message="they have run")
    assert sorted(ran(redis), key=int) == numbers


def test_one_worker_keeps_their_order(redis: Redis, obeying: Any, operate: Any) -> None:
    obeying(SHORT)
    for number in range(12):
        if number % 3 == 0:
            operate("pause_queue" if number % 2 == 0 else "resume_queue", SHORT, 600)
        enqueue(redis, number)
    operate("resume_queue", SHORT)
    wait_until(lambda: len(ran(redis)) == 12)
    assert ran(redis) == [str(number) for number in range(12)]


def test_a_worker_in_burst_mode_ends_with_what_it_may_take(redis: Redis, operate: Any, obeying: Any) -> None:
    redis.sadd(keys.QUEUES, keys.queue(SHORT))
    operate("pause_queue", SHORT, 600)
    enqueue(redis, 1), enqueue(redis, 2, DEFAULT)
    process = obeying(SHORT, DEFAULT, burst=True)
    wait_until(lambda: process.poll() is not None, message="it ends")
    assert (ran(redis), waiting(redis)) == (["2"], ["1"])


def test_workers_of_rq_alone_go_on_and_are_named(
    redis: Redis, workers: Any, obeying: Any, operate: Any, lane: Any
) -> None:
    redis.sadd(keys.QUEUES, keys.queue(SHORT))
    workers.start(SHORT, name="plain")
    refused = operate("pause_queue", SHORT, 600)
    assert not refused["ok"]
    assert "plain" in refused["reason"]
    assert "restart it" in refused["reason"]
    assert lane(SHORT)["paused"] is None
    obeying(SHORT, name="ours")
    done = operate("pause_queue", SHORT, 600)
    assert done["ok"]
    assert "1 worker goes on taking its jobs" in done["reason"]
    assert lane(SHORT)["paused"]["deaf"] == ["plain"]
    enqueue(redis, 1)
    wait_until(lambda: ran(redis) == ["1"], message="the plain one takes it")


def test_a_queue_without_workers_can_be_paused_before_they_come(redis: Redis, obeying: Any, operate: Any) -> None:
    enqueue(redis, 1)
    assert operate("pause_queue", SHORT, 600)["ok"]
    obeying(SHORT)
    enqueue(redis, 2)
    assert waiting(redis) == ["1", "2"]


def hand_back(redis: Redis, job_id: str, queue: str = SHORT) -> Any:
    names = (keys.HOLDS, keys.SUSPENDED, keys.job(job_id), keys.queue(queue), keys.intermediate(queue))
    return redis.eval(script("held") + script("hand_back"), 5, *names, "w1", queue, job_id)


def test_given_back_once_however_often_it_is_sent(redis: Redis, operate: Any) -> None:
    first, second = enqueue(redis, 1), enqueue(redis, 2)
    operate("pause_queue", SHORT, 600)
    redis.lmove(keys.queue(SHORT), keys.intermediate(SHORT))
    assert [hand_back(redis, first.id), hand_back(redis, first.id)] == [1, 1]
    assert (waiting(redis), is_between_lists(redis)) == (["1", "2"], False)
    assert second.id


def test_what_was_canceled_or_deleted_meanwhile_stays_out(redis: Redis, operate: Any) -> None:
    canceled, deleted = enqueue(redis, 1), enqueue(redis, 2)
    operate("pause_queue", SHORT, 600)
    redis.delete(keys.queue(SHORT))  # popped
    canceled.cancel()
    deleted.delete()
    assert [hand_back(redis, canceled.id), hand_back(redis, deleted.id)] == [0, 0]
    assert waiting(redis) == []


def test_what_is_none_of_ours_holds_nothing(redis: Redis, obeying: Any, lane: Any) -> None:
    for value in ("", "{", "[]", '{"until": "soon"}', '{"until": null}', json.dumps({"by": 1})):
        redis.hset(keys.HOLDS, f"queue|{SHORT}", value)
    redis.hset(keys.HOLDS, "nonsense", "1")
    obeying(SHORT)
    enqueue(redis, 1)
    wait_until(lambda: ran(redis) == ["1"])
    assert lane(SHORT)["paused"] is None


def test_a_holds_key_of_another_type_keeps_no_worker_from_its_work(redis: Redis, workers: Any) -> None:
    redis.set(keys.HOLDS, "?")
    workers.start(SHORT, extra=("--obey",))
    enqueue(redis, 1)
    wait_until(lambda: ran(redis) == ["1"])


def test_a_server_that_restarts_ends_no_worker_and_loses_no_job(
    own_server: Any, wait_until: Callable[..., object]
) -> None:
    """The worker asks before it takes: what fails there is as if nothing was paused, and RQ waits for its server."""
    import redis as redis_py

    from tests.support.processes import Workers

    client, crew = redis_py.Redis.from_url(own_server.url), Workers(own_server.url)
    try:
        process = crew.start(SHORT, extra=("--obey",))
        client.config_set("save", "")
        enqueue(client, 1)
        wait_until(lambda: ran(client) == ["1"])
        # A connection that breaks while RQ writes down how a job ended is its own affair: rq 1.15's worker dies of it.
        wait_until(lambda: idle(client, process), message="it waits for work")
        os.kill(own_server.pid, signal.SIGSTOP)
        os.kill(own_server.pid, signal.SIGCONT)
        client.client_kill_filter(_type="normal", skipme=True)
        enqueue(client, 2)
        wait_until(lambda: ran(client) == ["1", "2"], message="it took up its work again")
        assert process.poll() is None
    finally:
        crew.end_all()
        client.close()
