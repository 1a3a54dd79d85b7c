"""The sweep's part of marks: compares what it sees with what any sweep saw last, and writes down what has changed.

May be done twice: the same change of the same minute is one mark.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..history import limits, mark_changes, marks
from ..history.mark_changes import Seen
from ..history.marks import Mark
from ..redis import keys
from ..redis.link import Redis, if_written, pipelined, reaching_redis
from .shared import Core
from .watch import Look

#: That nothing has changed is written down this often: less than what counts as a gap.
_SEEN_EVERY_S = 60.0
#: What another version of us has left may lack some.
_OF_SITE = {"at"}
_OF_BENCH = {"at", "run_id", "suspended", "paused", "sites", "workers", "workers_at"}


def mark(engine: Core, look: Look) -> None:
    """The bench's duty: one round trip while nothing has changed."""
    redis, prefix = engine.redis, engine.watch.queue_prefix
    with reaching_redis():
        before = _read(redis, prefix, "")
        now = mark_changes.of_bench(look.bench, before)
        found = mark_changes.on_bench(before, now, look.bench)
        _write(redis, prefix, "", before, now, found)


def mark_site(engine: Core, site: str, facts: Mapping[str, Mapping[str, str]], at: float, migrated: bool) -> None:
    """A host's own: `facts` of one site now. `migrated`: it was migrated just now, which is a mark in itself."""
    redis, prefix = engine.redis, engine.watch.queue_prefix
    with reaching_redis():
        before = _read(redis, prefix, site)
        now = {"at": round(at, 3), **facts}
        found = mark_changes.on_site(before, now, site)
        _write(redis, prefix, site, before, now, [*found, *([Mark(at, "migrated", site)] if migrated else [])])


def _read(redis: Redis, prefix: str, of: str) -> Seen | None:
    """None: nobody has looked, or not as we do."""
    value: Any = redis.hget(keys.marks_seen(prefix), of)
    try:
        seen = json.loads(value or "null")
    except ValueError:
        return None
    return seen if isinstance(seen, dict) and seen.keys() >= (_OF_BENCH if of == "" else _OF_SITE) else None


def _write(redis: Redis, prefix: str, of: str, before: Seen | None, now: Seen, found: list[Mark]) -> None:
    at = now["at"]
    same = before is not None and {**before, "at": at} == now
    if same and not found and before is not None and 0 <= at - before["at"] < _SEEN_EVERY_S:
        return
    pipeline = pipelined(redis)
    marks.write(pipeline, prefix, found, at)
    pipeline.hset(keys.marks_seen(prefix), of, json.dumps(now, separators=(",", ":")))
    pipeline.expire(keys.marks_seen(prefix), limits.MARKS_KEPT_S)
    if_written(pipeline.execute)
