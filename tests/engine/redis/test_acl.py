"""The users of Redis that Frappe makes: each bench may use its own queues only, and no more may be lost by that."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
import redis as redis_py
from rq import Queue

from job_console.engine.errors import RedisUnavailable
from job_console.engine.redis import keys
from job_console.engine.redis.link import connect
from job_console.engine.retries import store
from job_console.engine.service import Engine, Viewer

from ...jobs import WRAPPER, wrapped
from .. import bench

OF_FRAPPE = ("~rq:[^q]*", "~rq:queues", "~rq:queue:mine:*", "&*", "+@all", "-@admin")
#: As docs/servers.md has it for somebody who is to look only.
WATCHER = ("~rq:*", "&*", "+@read", "+@connection", "+@scripting", "+info", "+time")
ONLY_RQ = ("~rq:queue*", "~rq:job:*", "~rq:results:*", "~rq:exec*", "~rq:w*", "~rq:[cdfis]*", "&*", "+@all")


@pytest.fixture
def user(redis: redis_py.Redis, server: Any) -> Iterator[Any]:
    """user(*rules): a connection as a user with these rules."""
    with contextlib.ExitStack() as stack:

        def login(*rules: str) -> redis_py.Redis:
            redis.execute_command("ACL", "SETUSER", "bench", "reset", "on", ">secret", *rules)
            stack.callback(redis.execute_command, "ACL", "DELUSER", "bench")
            return stack.enter_context(contextlib.closing(connect(f"redis://bench:secret@127.0.0.1:{server.port}")))

        yield login


def put(redis: redis_py.Redis, lane: str, job_id: str) -> Any:
    queue = Queue(lane, connection=redis)
    return queue.enqueue_call(WRAPPER, kwargs=wrapped("tests.jobs.say_hello"), job_id=job_id, timeout=60)


def console_of(client: redis_py.Redis) -> Any:
    return Engine(client).console(Viewer("tester", may_act=True))


def test_a_neighbours_lane_is_left_out_and_counted(redis: redis_py.Redis, user: Any) -> None:
    put(redis, "mine:short", "a||one")
    put(redis, "other:short", "b||two")
    console = console_of(user(*OF_FRAPPE))
    reported = console.snapshot()
    assert [lane["name"] for lane in reported["queues"]] == ["mine:short"]
    assert reported["notes"] == ["1 lane of other benches cannot be read: our user of Redis may not (ACL)."]
    assert "warnings" in console.warnings.all(prove=True)
    assert console.jobs.show("b||two")["position"] is None
    assert console.jobs.explain("b||two")["state"] == "queued"


@pytest.mark.parametrize("action", ["cancel", "delete", "front"])
def test_a_neighbours_job_is_left_whole(redis: redis_py.Redis, user: Any, action: str) -> None:
    put(redis, "other:short", "b||two")
    (result,) = console_of(user(*OF_FRAPPE)).actions.run(action, ["b||two"])["results"]
    assert not result["ok"]
    assert result["reason"].startswith("Nothing was done: our user of Redis may not")
    assert redis.lrange("rq:queue:other:short", 0, -1) == [b"b||two"]
    assert redis.hget("rq:job:b||two", "status") == b"queued"


def test_a_neighbours_due_retry_is_its_own_sweeps(redis: redis_py.Redis, user: Any) -> None:
    job = put(redis, "other:short", "b||two")
    redis.lrem("rq:queue:other:short", 0, job.id)
    redis.hset(job.key, "status", "scheduled")
    redis.zadd("rq:scheduled:other:short", {job.id: 1})
    redis.zadd(keys.RETRIES, {job.id: 1})
    store.move_due(user(*OF_FRAPPE), datetime.now(timezone.utc), 10)
    assert redis.zscore(keys.RETRIES, job.id) == 1
    assert redis.zscore("rq:scheduled:other:short", job.id) == 1
    assert redis.hget(job.key, "status") == b"scheduled"


def test_without_our_own_keys_it_looks_and_does_nothing(redis: redis_py.Redis, user: Any) -> None:
    put(redis, "mine:short", "a||one")
    console = console_of(user(*ONLY_RQ))
    reported = console.snapshot()
    assert reported["queues"][0]["counts"]["queued"] == 1
    assert "may not use the keys rq:job_console:*" in reported["notes"][0]
    assert "warnings" in console.warnings.all(prove=True)
    assert console.jobs.show("a||one")["position"] == 1
    assert console.jobs.explain("a||one")["because"]


def test_who_may_only_look_sees_all_and_changes_nothing(redis: redis_py.Redis, user: Any) -> None:
    put(redis, "mine:short", "a||one")
    before = bench.dump(redis)
    console = console_of(user(*WATCHER))
    for look in (console.snapshot, console.jobs.page, console.locks.all, console.actions.audit, console.schedules.all):
        assert look()
    assert console.jobs.show("a||one")["position"] == 1
    assert "warnings" in console.warnings.all(prove=True)
    console.engine.sweep()
    (result,) = console.actions.run("cancel", ["a||one"])["results"]
    assert not result["ok"]
    assert result["reason"].startswith("Nothing was done: our user of Redis may not")
    assert bench.dump(redis) == before


def test_a_refusal_quotes_no_script(redis: redis_py.Redis, user: Any) -> None:
    put(redis, "mine:short", "a||one")
    with pytest.raises(RedisUnavailable, match=r"^Redis does not allow this user what we need: [^-]*$"):
        console_of(user("%R~rq:*", "+@read", "+@scripting", "+info", "+time")).snapshot()
