"""Takes an empty database of the bench's queue Redis for the jobs of one test, and gives it back empty.

No worker and no monitor looks there, and no lock, key or count of the site is in it: tests may run beside a bench that
works. `$JOB_CONSOLE_TEST_REDIS` names another one, which must be empty.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import frappe
from frappe.utils import background_jobs
from redis.exceptions import ResponseError

from job_console.bridge.connection import engine
from job_console.engine.errors import BadRequest
from job_console.engine.redis import keys
from job_console.engine.redis.link import Pipeline, Redis, pipelined
from job_console.engine.redis.server import URL_VARIABLE

TEST_URL_VARIABLE = "JOB_CONSOLE_TEST_REDIS"
#: Who uses the database: host and process.
OWNER = keys.own("test_owner")
#: Redis has sixteen unless it is told otherwise; the last ones are the least likely to be somebody's.
_NUMBERS = range(15, 0, -1)


@contextmanager
def private() -> Iterator[Redis]:
    """Frappe's connection to the queue Redis, and ours, lead to an empty database meanwhile. Raises BadRequest."""
    with ExitStack() as stack:
        redis = _claimed(stack)
        try:
            yield redis
        finally:
            _empty(redis)


def _claimed(stack: ExitStack) -> Redis:
    given = os.environ.get(TEST_URL_VARIABLE)
    for url in [given] if given else [_with_number(frappe.conf.redis_queue, number) for number in _NUMBERS]:
        with ExitStack() as trial:
            redis = trial.enter_context(_leading_to(url))
            if _claim(redis):
                stack.enter_context(trial.pop_all())
                return redis
    what = f"What ${TEST_URL_VARIABLE} names is not" if given else "None of the queue Redis's databases 1 to 15 is"
    raise BadRequest(f"{what} empty. Set ${TEST_URL_VARIABLE} to the URL of a database that tests may fill and empty.")


@contextmanager
def _leading_to(url: str) -> Iterator[Redis]:
    # Frappe reads the one or the other, version by version. With Sentinels it would read no URL at all.
    said = {"redis_queue": url, "redis_queue_sentinel_enabled": 0}
    with patch.dict(os.environ, {URL_VARIABLE: url}), patch.dict(frappe.local.conf, said):
        redis = engine().redis
        with patch.object(background_jobs, "_redis_queue_conn", redis):
            yield redis


def _claim(redis: Redis) -> bool:
    """Whether the database is ours now: it was empty, or its owner has died without giving it back."""
    mine = json.dumps({"host": socket.gethostname(), "pid": os.getpid()})
    try:
        before = redis.get(OWNER)
        if before is None:
            if redis.dbsize() or not redis.set(OWNER, mine, nx=True):
                return False
            if redis.dbsize() == 1:
                return True
            redis.delete(OWNER)  # somebody writes there at this moment
            return False
    except ResponseError:
        return False  # there are fewer databases
    if not _is_dead(json.loads(before)):
        return False
    left = list(redis.scan_iter(count=1000))
    pipelined_here: Pipeline = redis.pipeline()
    with pipelined_here as pipeline:
        pipeline.watch(OWNER)
        if pipeline.get(OWNER) != before:
            return False
        pipeline.multi()
        pipeline.delete(*left)
        pipeline.set(OWNER, mine)
        pipeline.execute()
    return True


def _is_dead(owner: dict[str, object]) -> bool:
    return owner["host"] == socket.gethostname() and not Path(f"/proc/{owner['pid']}").exists()


def _empty(redis: Redis) -> None:
    left = list(redis.scan_iter(count=1000))
    if left:
        redis.delete(*left)


def _with_number(url: str, number: int) -> str:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "db"]
    if parts.scheme == "unix":
        return urlunsplit(parts._replace(query=urlencode([*query, ("db", number)])))
    return urlunsplit(parts._replace(path=f"/{number}", query=urlencode(query)))


class Saved:
    """What the database held, to go back to."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        names = [name for name in redis.scan_iter(count=1000) if name != OWNER.encode()]
        pipeline = pipelined(redis)
        for name in names:
            pipeline.dump(name)
            pipeline.pttl(name)
        answers = pipeline.execute()
        self._held = list(zip(names, answers[::2], answers[1::2], strict=True))

    def restore(self) -> None:
        pipeline = pipelined(self._redis)
        for name in self._redis.scan_iter(count=1000):
            if name != OWNER.encode():
                pipeline.delete(name)
        for name, value, ttl_ms in self._held:
            if value is not None:
                pipeline.restore(name, max(ttl_ms, 0), value, replace=True)
        pipeline.execute()
