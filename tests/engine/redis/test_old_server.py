"""RQ runs on Redis 5: so do the look, the actions, and the locks, without any command that is newer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import redis as redis_py
from rq import Queue

from job_console.console.embedded import embedded_server
from job_console.engine.errors import RedisUnavailable
from job_console.engine.look import server_health
from job_console.engine.redis import keys, link, list_position
from job_console.engine.redis.link import connect, pipelined, script
from job_console.engine.service import Engine, Viewer

from ...jobs import WRAPPER, wrapped


@pytest.fixture(scope="module")
def old_url(server: Any) -> Iterator[str]:
    """The server, with all commands taken away that Redis 5.0 had not."""
    with contextlib.closing(redis_py.Redis.from_url(server.url, decode_responses=True)) as client:
        try:
            docs = client.execute_command("COMMAND DOCS")
        except redis_py.ResponseError:  # a server from before 7.0: whatever it lacks, it lacks
            docs = {}
        pairs = docs.items() if isinstance(docs, dict) else zip(docs[::2], docs[1::2], strict=True)
        known = {
            name: facts if isinstance(facts, dict) else dict(zip(facts[::2], facts[1::2], strict=True))
            for name, facts in pairs
        }
    newer = [name for name, facts in known.items() if tuple(map(int, facts["since"].split("."))) > (5, 0, 99)]
    assert "lpos" in newer or not known
    with embedded_server(settings=[f'rename-command {name} ""' for name in newer]) as running:
        yield running.url


@pytest.fixture
def old(old_url: str) -> Iterator[redis_py.Redis]:
    with contextlib.closing(connect(old_url)) as client:
        client.flushall()
        yield client


def put(old: redis_py.Redis, job_id: str) -> Any:
    queue = Queue("bench:short", connection=old)
    return queue.enqueue_call(WRAPPER, kwargs=wrapped("tests.jobs.say_hello"), job_id=job_id, timeout=60)


def test_look_and_act(old: redis_py.Redis) -> None:
    for number in range(3):
        put(old, f"a||{number}")
    ghost = put(old, "a||ghost")
    old.lrem("rq:queue:bench:short", 0, ghost.id)
    old.hset(ghost.key, "enqueued_at", "2020-01-01T00:00:00.000000Z")
    console = Engine(old).console(Viewer("tester", may_act=True))
    assert "ghost_queued" in [warning["code"] for warning in console.warnings.all(prove=True)["warnings"]]
    assert console.jobs.show("a||1")["position"] == 2
    assert console.jobs.explain(ghost.id)["because"]
    for action, job_id in (
        ("front", "a||2"),
        ("cancel", "a||1"),
        ("retry", "a||1"),
        ("requeue", ghost.id),
        ("delete", "a||0"),
    ):
        (result,) = console.actions.run(action, [job_id])["results"]
        assert result["ok"], (action, result)
    assert old.lrange("rq:queue:bench:short", 0, -1) == [b"a||2", b"a||1", b"a||ghost"]


@pytest.mark.parametrize("depth", [0, 1500])
def test_the_place_in_a_long_list(old: redis_py.Redis, redis: redis_py.Redis, depth: int) -> None:
    """The same with LPOS and without."""
    for client in (old, redis):
        client.rpush("list", *range(2500))
        pipeline = pipelined(client)
        for member in ("0", "999", "1000", "1499", "1500", "2499", "none"):
            list_position.ask(pipeline, "list", member, depth)
        beyond = [None, None] if depth else [1500, 2499]
        assert pipeline.execute() == [0, 999, 1000, 1499, *beyond, None]


def test_another_error_is_no_missing_command(redis: redis_py.Redis) -> None:
    redis.set("list", "text")
    with pytest.raises(redis_py.ResponseError, match="WRONGTYPE"):
        redis.eval(script("place_in") + "return place_in(KEYS[1], 'x', 0)", 1, "list")


class WholeSeconds(redis_py.Redis):
    """As Redis 5 answers."""

    def blpop(self, names: Any, timeout: Any = 0) -> Any:
        if not isinstance(timeout, int):
            raise redis_py.ResponseError("timeout is not an integer or out of range")
        return super().blpop(names, timeout=timeout)


def test_a_wait_for_less_than_a_second(server: Any, redis: redis_py.Redis) -> None:
    with contextlib.closing(WholeSeconds.from_url(server.url)) as client:
        assert link.first_within(client, "list", 0.05) is None
        redis.rpush("list", "one", "two")
        assert [link.first_within(client, "list", seconds) for seconds in (0.05, 1.5)] == [b"one", b"two"]
    assert keys.OURS.startswith("rq:")


def test_a_server_that_is_too_old_is_refused_with_a_sentence() -> None:
    with pytest.raises(RedisUnavailable, match=r"This server is Redis 4\.0\.9\. Job Console needs Redis 5 or newer"):
        server_health.check({"redis_version": "4.0.9"})
    for said in ({"redis_version": "5.0.6"}, {}, None, redis_py.ResponseError("NOPERM")):
        server_health.check(said)
