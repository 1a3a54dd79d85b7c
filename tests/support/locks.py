"""Time goes by for those who have a lock, and those who wait for it."""

from __future__ import annotations

from typing import Any

from job_console.engine.locks import steps
from job_console.engine.redis import keys


def has_waited(redis: Any, name: str, lease: str, came: float = 0, heard: float = 0) -> None:
    """As if this waiter had come so many seconds earlier, and had been heard of so much earlier."""
    field = f"waits:{lease}"
    alive, since, terms = redis.hget(keys.lock(name), field).decode().split("|", 2)
    alive, since = (str(int(at) - int(1000 * less)) for at, less in ((alive, heard), (since, came)))
    redis.hset(keys.lock(name), field, "|".join([alive, since, terms]))


def held(redis: Any, name: str) -> dict[str, float]:
    """When the lease of each holder ends: seconds of the server's clock."""
    _head, *rows = (redis.hget(keys.lock(name), "now") or b"").decode().split("\n")
    return {row.split("|")[0]: float(row.split("|")[1]) / 1000 for row in rows}


def tokens(redis: Any, name: str) -> list[int]:
    """Of those who have it."""
    _head, *rows = (redis.hget(keys.lock(name), "now") or b"").decode().split("\n")
    return [int(row.split("|")[2]) for row in rows]


def give_back(redis: Any, name: str, lease: str) -> bool:
    """As its holder does."""
    _head, *rows = redis.hget(keys.lock(name), "now").decode().split("\n")
    token = next(row.split("|")[2] for row in rows if row.split("|")[0] == lease)
    return steps.release(redis, name, lease, int(token))


def let_end(redis: Any, name: str, lease: str, left: float = -1) -> None:
    """As if the server's clock had gone on: this lease has so many seconds left."""
    head, *rows = redis.hget(keys.lock(name), "now").decode().split("\n")
    ended = str(int((redis.time()[0] + left) * 1000))
    parts = [row.split("|", 2) for row in rows]
    rows = ["|".join([each, ended if each == lease else ends, rest]) for each, ends, rest in parts]
    redis.hset(keys.lock(name), "now", "\n".join([head, *rows]))


def jump(redis: Any, name: str, seconds: float) -> None:
    """As if the server's clock had jumped forwards, or backwards when that is less than nothing.

    It cannot be set for one server alone. But a jump by so much is the same as if all that was noted by that clock had
    been noted so much earlier, the fence included, which is taken from it. Holders know their tokens: those stay.
    """
    key, milliseconds = keys.lock(name), round(seconds * 1000)

    def earlier(text: str) -> str:
        return str(int(text) - milliseconds)

    head, *rows = redis.hget(key, "now").decode().split("\n")
    fence, ended, longest, good, line = head.split()
    fence = str(int(fence) - 1000 * milliseconds)
    lines = [" ".join([fence, ended, longest, earlier(good), line])]
    for row in rows:
        lease, ends, token, since, terms = row.split("|", 4)
        lines.append("|".join([lease, earlier(ends), token, earlier(since), terms]))
    changed = {"now": "\n".join(lines)}
    for field, value in redis.hgetall(key).items():
        if field.startswith(b"waits:"):
            alive, since, terms = value.decode().split("|", 2)
            changed[field.decode()] = "|".join([earlier(alive), earlier(since), terms])
    pipeline = redis.pipeline()
    pipeline.hset(key, mapping=changed)
    pipeline.pexpire(key, redis.pttl(key) - milliseconds)
    pipeline.execute()
