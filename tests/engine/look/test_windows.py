"""No single command of a look, page, search, survey or mend grows with what waits: each reads a bounded window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.look import limits
from job_console.engine.policies import limits as policies_limits
from job_console.engine.redis import keys
from job_console.engine.rq import limits as rq_limits

from ..bench import SHORT, ago, fill

#: More failures than are put in order.
GHOSTS, FAILED = 60, jobs_limits.SORTED_ROWS + 100
#: Keys of a script: those of each job that it reads, and one besides.
SCRIPT_KEYS = limits.READ_CHUNK * 6 + 1


def commands(sent: list[bytes]) -> Iterator[list[str]]:
    """What a client sent, in Redis's own protocol."""
    for packed in sent:
        at = 0
        while at < len(packed):
            end = packed.index(b"\r\n", at)
            count, at = int(packed[at + 1 : end]), end + 2
            words = []
            for _ in range(count):
                end = packed.index(b"\r\n", at)
                length = int(packed[at + 1 : end])
                words.append(packed[end + 2 : end + 2 + length].decode("utf-8", "replace"))
                at = end + 4 + length
            yield words


def width(words: list[str]) -> int:
    """How many members a command goes through at most; 0: that does not depend on how long anything is."""
    name, arguments = words[0].upper(), words[1:]
    if arguments and arguments[0].startswith(keys.OURS):
        return 0  # bounded where it is written
    if name in ("LRANGE", "ZRANGE", "ZREVRANGE") and "BYSCORE" not in arguments:
        first, last = int(arguments[1]), int(arguments[2])
        return last - first + 1 if (first < 0) == (last < 0) else limits.LIST_CHUNK + 1
    if name in ("ZRANGEBYSCORE", "ZREVRANGEBYSCORE", "XRANGE", "XREVRANGE"):
        marks = [each.upper() for each in arguments]
        return int(arguments[marks.index("LIMIT" if "LIMIT" in marks else "COUNT") + (2 if "LIMIT" in marks else 1)])
    return 0


@pytest.fixture
def deep(redis: Any) -> list[str]:
    """A queue that no command may go through, with ghosts and failures."""
    ids = fill(redis, policies_limits.LPOS_DEPTH + 2_000)
    ghosts = fill(redis, GHOSTS, "bench:elsewhere", "a.localhost||ghost{}".format, origin=SHORT, enqueued_at=ago(900))
    redis.delete(keys.queue("bench:elsewhere"))
    failed = fill(redis, FAILED, "bench:gone", "a.localhost||failed{}".format, origin=SHORT, status="failed")
    redis.delete(keys.queue("bench:gone"))
    redis.zadd(keys.registry("failed", SHORT), {each: 4e9 + n for n, each in enumerate(failed)})
    return [*ids, *ghosts]


def search(console: Any) -> None:
    cursor = None
    for _ in range(60):
        cursor = console.jobs.search(text="nobody-has-this", cursor=cursor)["cursor"]
        if cursor is None:
            return


CALLS: dict[str, Callable[[Any, Any], object]] = {
    "look": lambda engine, console: console.snapshot(),
    "page": lambda engine, console: [console.jobs.page(page=number) for number in (1, 500, 1_050)],
    "failures": lambda engine, console: console.jobs.page(status="failed", page=3),
    "filtered page": lambda engine, console: console.jobs.page(method="nothing"),
    "search": lambda engine, console: search(console),
    "explain": lambda engine, console: console.jobs.explain("a.localhost||015000"),
    "sweep": lambda engine, console: [engine.sweep(), engine.watch.forget(), engine.sweep()],
    "warnings": lambda engine, console: console.warnings.all(prove=True),
    "mend": lambda engine, console: console.warnings.mend(dry_run=True),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_each_command_has_a_window(
    call: Callable[[Any, Any], object], deep: list[str], engine: Any, console: Any, round_trips: Callable[[], Any]
) -> None:
    with round_trips() as counted:
        call(engine, console)
    sent = list(commands(counted.sent))
    assert len(sent) > 3
    widest = max(sent, key=width)
    assert width(widest) <= limits.LIST_CHUNK, widest[:4]
    assert not [words for words in sent if words[0].upper() in ("KEYS", "SORT", "LREM", "SUNION")]
    for words in sent:
        if words[0].upper() == "EVAL":
            assert int(words[2]) <= SCRIPT_KEYS, words[1][:80]
            if "place_in(KEYS[1]" in words[1] and words[3] == keys.queue(SHORT):
                assert 0 < int(words[-1]) <= policies_limits.LPOS_DEPTH, "it goes through a whole deep queue"
    assert limits.LIST_CHUNK <= 1_000
    assert limits.READ_CHUNK <= 200
    assert jobs_limits.SEARCH_READ <= 100
    assert rq_limits.PAYLOAD_BYTES <= 1 << 16
