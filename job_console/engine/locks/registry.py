"""Reads who has what. Changes nothing: a lease that is over is left out here, and ended by the next script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from .. import keys, limits
from ..link import Pipeline, Redis, pipelined
from ..records import text
from . import models
from .models import LockState

#: Answers in a pipeline for each lock that is asked for.
ANSWERS = 5


def ask_live(pipeline: Pipeline) -> None:
    """The names of locks that are held or waited for, or were until lately."""
    pipeline.zrevrange(keys.LOCKS_LIVE, 0, limits.LOCK_ROWS - 1)


def ask(pipeline: Pipeline, name: str) -> None:
    meta, held, queue, who, last, _index, _live = keys.lock(name)
    pipeline.hgetall(meta)
    pipeline.zrange(held, 0, limits.LOCK_PEOPLE - 1, withscores=True)
    pipeline.zrange(queue, 0, limits.LOCK_PEOPLE - 1)
    pipeline.hgetall(who)
    pipeline.lrange(last, 0, -1)


def build(name: str, answers: Sequence[Any], now: datetime) -> LockState:
    meta, held, queue, rows, last = answers
    numbers = {text(field): _number(value) for field, value in meta.items()}
    said = {text(lease) or "": text(row) or "" for lease, row in rows.items()}
    holders = [
        models.holder(text(lease) or "", said.get(text(lease) or "", ""), models.moment(end)) for lease, end in held
    ]
    waiters = [models.waiter(text(lease) or "", said.get(text(lease) or "", "")) for lease in queue]
    return LockState(
        name=name,
        holders=tuple(each for each in holders if each and each.until and each.until > now),
        waiters=tuple(each for each in waiters if each and each.alive_until > now),
        past=tuple(filter(None, (models.past(text(row) or "") for row in last))),
        fence=numbers.get("fence", 0),
        acquired=numbers.get("acquired", 0),
        contended=numbers.get("contended", 0),
        gave_up=numbers.get("gave_up", 0),
        lapsed=numbers.get("lapsed", 0),
        forced=numbers.get("forced", 0),
        longest_hold_s=numbers.get("longest", 0) / 1000,
    )


def read(redis: Redis, names: Iterable[str], now: datetime) -> list[LockState]:
    """One round trip."""
    wanted = list(names)
    pipeline = pipelined(redis)
    for name in wanted:
        ask(pipeline, name)
    return build_all(wanted, pipeline.execute() if wanted else [], now)


def build_all(names: Sequence[str], answers: Sequence[Any], now: datetime) -> list[LockState]:
    return [build(name, answers[at * ANSWERS : (at + 1) * ANSWERS], now) for at, name in enumerate(names)]


def names(redis: Redis, idle: bool) -> list[str]:
    """Of the locks that are in use; `idle` adds those that were used lately, the newest first."""
    pipeline = pipelined(redis)
    ask_live(pipeline)
    if idle:
        pipeline.zrevrange(keys.LOCKS, 0, limits.LOCK_ROWS - 1)
    found = [text(name) or "" for answer in pipeline.execute() for name in answer]
    return list(dict.fromkeys(found))[: limits.LOCK_ROWS]


def _number(value: Any) -> int:
    plain = text(value) or ""
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 20 else 0
