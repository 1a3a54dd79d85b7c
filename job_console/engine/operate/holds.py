"""Holds in Redis: one small hash that workers, looks and hooks read; written in one step with the audit trail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from ..history import audit
from ..models.holds import BENCH, KINDS, METHOD, Hold
from ..models.outcomes import AuditEntry
from ..redis import keys
from ..redis import limits as redis_limits
from ..redis.link import Pipeline, Redis, answers, pipelined, script, server_time
from ..rq.records import text
from . import limits


@dataclass(frozen=True, slots=True)
class Changed:
    """What writing a hold came to. `before` None: there was none; `unnamed`: nobody wrote down whose it was."""

    verdict: str  # done | missing | full | failed
    before: Hold | None = None
    unnamed: bool = False
    audited: bool = True
    #: Of `failed`: what Redis, or the way to it, said.
    error: Exception | None = None


def now(redis: Redis) -> datetime:
    answer: Any = redis.time()
    return server_time(answer)


def put(redis: Redis, hold: Hold, entry: AuditEntry) -> Changed:
    """A hold that is there already is replaced, its end too."""
    return _write(redis, "put", hold.kind, hold.name, to_json(hold), hold.until, entry)


def lift(redis: Redis, kind: str, name: str, entry: AuditEntry) -> Changed:
    return _write(redis, "lift", kind, name, "", datetime.fromtimestamp(0, timezone.utc), entry)


def _write(redis: Redis, action: str, kind: str, name: str, value: str, ends: datetime, entry: AuditEntry) -> Changed:
    where = Hold(kind, name, "", "", ends, ends).place
    kept = keys.held_jobs(name if kind == METHOD else "")
    names = (keys.HOLDS, keys.AUDIT, keys.AUDIT_JOBS, keys.SUSPENDED, kept, keys.RETRIES)
    bounds = (limits.HOLDS, redis_limits.AUDIT_ENTRIES)
    pipeline = pipelined(redis)
    pipeline.eval(
        script("trail") + script("hold"),
        len(names),
        *names,
        action,
        where,
        value,
        ends.timestamp(),
        *bounds,
        *audit.of(entry),
    )
    (answer,) = answers(pipeline, 1)
    if isinstance(answer, Exception):
        return Changed("failed", error=answer)
    verdict, before, not_audited = (text(part) or "" for part in answer)
    return Changed(verdict, _hold(where, before), bool(before) and _hold(where, before) is None, not not_audited)


def ask(pipeline: Pipeline) -> None:
    """Ask for all; give the answer to `read`."""
    pipeline.hgetall(keys.HOLDS)


def read(answer: Any, at: datetime) -> dict[str, Hold]:
    """By place: those that have not ended. What is none of ours counts as nothing."""
    fields: Mapping[Any, Any] = answer if isinstance(answer, dict) else {}
    found = (_hold(text(place) or "", value) for place, value in fields.items())
    return {hold.place: hold for hold in found if hold is not None and hold.until > at}


def suspension(found: Mapping[str, Hold], until: datetime | None) -> Hold | None:
    """Who suspended the bench. None: `rq suspend`, or another tool, which has replaced what was written down."""
    hold = found.get(f"{BENCH}|")
    same = hold is not None and until is not None and abs(hold.until - until) < timedelta(seconds=2)
    return hold if same else None


def to_json(hold: Hold) -> str:
    plain = {"by": hold.by, "reason": hold.reason, "at": hold.at.timestamp(), "until": hold.until.timestamp()}
    return json.dumps(plain)


def from_json(place: str, value: Any, at: datetime) -> Hold | None:
    """One that was asked for by its place; None when it has ended, or never was."""
    found = _hold(place, value)
    return found if found is not None and found.until > at else None


def _hold(place: str, value: Any) -> Hold | None:
    kind, _bar, name = place.partition("|")
    try:
        plain = json.loads(value)
        at, until = (datetime.fromtimestamp(float(plain[each]), timezone.utc) for each in ("at", "until"))
        found = Hold(kind, name, str(plain["by"]), str(plain["reason"]), at, until)
        return found if kind in KINDS else None
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        return None  # ours, but anybody may write to Redis
