"""Bulk actions in Redis: a hash for each, with its lists beside it. Each key has a time to live."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..messages import _, pack, unpack
from ..models.bulk import Bulk, BulkAction, OutcomeKind
from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.records import from_score, number, text, whole
from . import limits

_OTHER = OutcomeKind(False, "", _("(other)"))


def begin(redis: Redis, asked: BulkAction, now: datetime, state: str, matched: int = 0) -> None:
    pipeline = pipelined(redis)
    values = {
        "asked": json.dumps(asdict(asked)),
        "state": state,
        "started": now.timestamp(),
        "touched": now.timestamp(),
        "matched": matched,
    }
    pipeline.hset(keys.bulk(asked.id), mapping=values)
    pipeline.expire(keys.bulk(asked.id), limits.BULK_KEPT_S)
    pipeline.zadd(keys.BULKS, {asked.id: now.timestamp()})
    pipeline.zremrangebyrank(keys.BULKS, 0, -limits.BULKS_LISTED - 1)
    pipeline.expire(keys.BULKS, limits.BULK_KEPT_S)
    pipeline.execute()


def note(redis: Redis, bulk_id: str, now: datetime, **values: Any) -> None:
    pipeline = pipelined(redis)
    pipeline.hset(keys.bulk(bulk_id), mapping={"touched": now.timestamp(), **values})
    pipeline.expire(keys.bulk(bulk_id), limits.BULK_KEPT_S)
    pipeline.execute()


def read(redis: Redis, bulk_id: str) -> Bulk | None:
    return read_all(redis, [bulk_id])[0]


def read_all(redis: Redis, bulk_ids: Sequence[str]) -> list[Bulk | None]:
    """One round trip."""
    pipeline = pipelined(redis)
    for bulk_id in bulk_ids:
        pipeline.hgetall(keys.bulk(bulk_id))
        pipeline.hgetall(keys.bulk_kinds(bulk_id))
        pipeline.zcard(keys.bulk_undo(bulk_id))
    answers = pipeline.execute()
    return [_read(*answers[place : place + 3]) for place in range(0, len(answers), 3)]


def listed(redis: Redis) -> list[Bulk]:
    """The newest first."""
    names: Any = redis.zrevrange(keys.BULKS, 0, limits.BULKS_LISTED - 1)
    ids = [name for each in names if (name := text(each))]
    return [each for each in read_all(redis, ids) if each is not None]


def _read(fields: Mapping[bytes, bytes], kinds: Mapping[bytes, bytes], undoable: int) -> Bulk | None:
    said = {text(name): value for name, value in fields.items()}
    if "asked" not in said:
        return None
    counts = {_kind(kind): int(count) for kind, count in kinds.items()}
    started = from_score(number(said.get("started")))
    touched = from_score(number(said.get("touched")))
    if started is None or touched is None:
        return None
    return Bulk(
        asked=BulkAction(**json.loads(said["asked"])),
        state=text(said.get("state")) or "failed",
        started_at=started,
        touched_at=touched,
        ended_at=from_score(number(said.get("ended"))),
        scanned=whole(said.get("scanned")) or 0,
        of=whole(said.get("of")) or 0,
        matched=whole(said.get("matched")) or 0,
        tried=sum(counts.values()),
        cut=bool(whole(said.get("cut"))),
        kinds=counts,
        undoable=undoable,
        error=unpack(json.loads(said.get("error") or b'""')),
    )


def _kind(stored: bytes) -> OutcomeKind:
    ok, state, reason = json.loads(stored)
    return OutcomeKind(ok, state, unpack(reason))


def add_todo(redis: Redis, bulk_id: str, job_ids: Iterable[str], first: int) -> int:
    """Each once. How many there are then."""
    places = {job_id: first + place for place, job_id in enumerate(job_ids)}
    if places:
        pipeline = pipelined(redis)
        pipeline.zadd(keys.bulk_todo(bulk_id), places, nx=True)
        pipeline.expire(keys.bulk_todo(bulk_id), limits.BULK_KEPT_S)
        pipeline.execute()
    found: Any = redis.zcard(keys.bulk_todo(bulk_id))
    return int(found)


def next_todo(redis: Redis, bulk_id: str) -> list[str]:
    answer: Any = redis.zrange(keys.bulk_todo(bulk_id), 0, limits.BULK_CHUNK - 1)
    return [name for each in answer if (name := text(each))]


def tried(
    redis: Redis, bulk: Bulk, job_ids: Sequence[str], kinds: Mapping[OutcomeKind, int], undo: Sequence[str]
) -> None:
    """These are done with. One round trip."""
    pipeline = pipelined(redis)
    bulk_id, known = bulk.asked.id, set(bulk.kinds)
    pipeline.zrem(keys.bulk_todo(bulk_id), *job_ids)
    for kind, count in kinds.items():
        if kind not in known and len(known) >= limits.BULK_KINDS:
            kind = _OTHER
        known.add(kind)
        pipeline.hincrby(keys.bulk_kinds(bulk_id), json.dumps([kind.ok, kind.state, pack(kind.reason)]), count)
    pipeline.expire(keys.bulk_kinds(bulk_id), limits.BULK_KEPT_S)
    if undo:
        pipeline.zadd(keys.bulk_undo(bulk_id), dict.fromkeys(undo, 0))
        pipeline.expire(keys.bulk_undo(bulk_id), limits.BULK_KEPT_S)
    pipeline.execute()


def take_undo(redis: Redis, bulk_id: str, into: str) -> int:
    """What can be undone becomes what another one has to do; once. How many that is."""
    pipeline = pipelined(redis)
    pipeline.zrange(keys.bulk_undo(bulk_id), 0, limits.BULK_MATCHED - 1)
    pipeline.delete(keys.bulk_undo(bulk_id))
    members: Any = pipeline.execute()[0]
    return add_todo(redis, into, [name for each in members if (name := text(each))], 0) if members else 0
