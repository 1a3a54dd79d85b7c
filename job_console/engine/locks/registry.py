"""Reads locks with their holders and waiters. Changes nothing: an expired lease is left out, and the next script that
takes the lock ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ..models.locks import BENCH_WIDE, Holder, LockState
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined, script
from ..rq.records import text
from . import limits, models

#: Answers in a pipeline for each lock.
ANSWERS = 2
#: Of the field `now`, before the holders: see lua/lock_read.lua.
_HEAD = ("fence", "ended", "longest", "good", "line")


def ask_names(pipeline: Pipeline, idle: bool = False, site: str | None = None) -> None:
    """Ask for the names of locks in use, with `idle` also of those used lately; of one site and the bench, or
    of all.
    """
    seen = [] if site is None else [f"{site}|", f"{BENCH_WIDE}|"]
    pipeline.eval(
        script("read_locks"), 1, keys.LOCKS, limits.LOCK_ROWS, limits.LOCK_LOOKS, keys.LOCK_PREFIX, int(idle), *seen
    )


def names(answer: Sequence[Any]) -> list[str]:
    """What `ask_names` was answered; those in use come first."""
    held, idle, _more = answer
    return list(dict.fromkeys(text(name) or "" for kind in (held, idle) for name in kind))


def are_cut(answer: Sequence[Any]) -> bool:
    """Whether there may be more of them than `names` says."""
    return bool(answer[2])


def ask(pipeline: Pipeline, name: str) -> None:
    pipeline.hgetall(keys.lock(name))
    pipeline.zrange(keys.lock_line(name), 0, limits.LOCK_PEOPLE - 1)


def build(name: str, answers: Sequence[Any], now: datetime, whole: bool = False) -> LockState:
    """`whole`: with all its holders, however many."""
    fields, line = answers
    values = {text(field) or "": text(value) or "" for field, value in fields.items()}
    head, *rows = values.get("now", "").split("\n")
    values |= zip(_HEAD, head.split(" "), strict=False)
    waiters = [models.waiter(lease, values.get(f"waits:{lease}", "")) for lease in map(_plain, line)]
    live = [holder for row in rows if (holder := _holder(row, now))]
    past = [models.past(values.get(f"past:{place}", "")) for place in range(limits.LOCK_PAST)]
    return LockState(
        name=name,
        holders=tuple(live if whole else live[: limits.LOCK_PEOPLE]),
        waiters=tuple(each for each in waiters if each and each.alive_until > now),
        past=tuple(sorted(filter(None, past), key=lambda each: (each.ended_at, each.token), reverse=True)),
        fence=_number(values.get("fence")),
        acquired=_number(values.get("ended")) + len(rows),
        contended=_number(values.get("contended")),
        gave_up=_number(values.get("gave_up")),
        lapsed=_number(values.get("lapsed")),
        forced=_number(values.get("forced")),
        longest_hold_s=_number(values.get("longest")) / 1000,
        waiters_at_least=len(line) >= limits.LOCK_PEOPLE,
        more_holders=0 if whole else max(len(live) - limits.LOCK_PEOPLE, 0),
    )


def _holder(row: str, now: datetime) -> Holder | None:
    """ID|END|RECORD; None of a lease that is over."""
    lease, _, rest = row.partition("|")
    ends, _, record = rest.partition("|")
    until = models.moment(ends)
    return models.holder(lease, record, until) if until > now else None


def read(redis: Redis, names: Iterable[str], now: datetime, whole: bool = False) -> list[LockState]:
    """One round trip. `whole`: see `build`."""
    wanted = list(names)
    pipeline = pipelined(redis)
    for name in wanted:
        ask(pipeline, name)
    return build_all(wanted, pipeline.execute() if wanted else [], now, whole)


def build_all(names: Sequence[str], answers: Sequence[Any], now: datetime, whole: bool = False) -> list[LockState]:
    return [build(name, answers[at * ANSWERS : (at + 1) * ANSWERS], now, whole) for at, name in enumerate(names)]


def find(redis: Redis, idle: bool, site: str | None) -> tuple[list[str], bool]:
    """(names of locks, see `ask_names`; whether there may be more). One round trip."""
    pipeline = pipelined(redis)
    ask_names(pipeline, idle, site)
    (answer,) = pipeline.execute()
    return names(answer), are_cut(answer)


def _plain(value: Any) -> str:
    return text(value) or ""


def _number(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) < 20 else 0
