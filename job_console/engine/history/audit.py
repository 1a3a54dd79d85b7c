"""The trail of what people did: a bounded Redis stream, so that it works with the database down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from ..models.outcomes import AuditEntry
from ..redis import keys
from ..redis import limits as redis_limits
from ..redis.link import Pipeline, Redis, answers, pipelined, script
from ..rq.records import text

_FIELDS = (
    "actor",
    "action",
    "job_id",
    "ok",
    "state_before",
    "state_after",
    "reason",
    "queue",
    "site",
    "detail",
    "method",
)


def try_to_record(redis: Redis, entries: Sequence[AuditEntry]) -> bool:
    """Append, in one round trip; the oldest beyond `limits.AUDIT_ENTRIES` fall off. False when the server does not take
    all of it."""
    pipeline = _ask_all(redis, entries)
    return not any(isinstance(answer, Exception) for answer in answers(pipeline, len(entries)))


def _ask_all(redis: Redis, entries: Sequence[AuditEntry]) -> Pipeline:
    pipeline = pipelined(redis)
    for entry in entries:
        ask(pipeline, entry)
    return pipeline


def ask(pipeline: Pipeline, entry: AuditEntry) -> None:
    """Append it with what else stands on this pipeline: one command."""
    what = "leave" if not (entry.ok and entry.job_id) else "forget" if entry.state_after == "gone" else "remember"
    names, recording = (keys.AUDIT, keys.AUDIT_JOBS), script("trail") + script("record_action")
    pipeline.eval(recording, 2, *names, redis_limits.AUDIT_ENTRIES, entry.job_id, what, *of(entry))


def of(entry: AuditEntry) -> tuple[str, ...]:
    """The entry as fields of the stream: name, value, …"""
    return fields(**{name: getattr(entry, name) for name in _FIELDS})


def fields(**values: Any) -> tuple[str, ...]:
    return tuple(part for name, value in values.items() for part in (name, _plain(value)))


def ask_last(pipeline: Pipeline, job_id: str) -> None:
    """Ask for the last thing that was done to a job; give the answer to `last`."""
    pipeline.eval(script("last_action"), 2, keys.AUDIT_JOBS, keys.AUDIT, job_id)


def last(answer: Any) -> AuditEntry | None:
    if not answer:
        return None
    entry_id, parts = answer
    return _entry(entry_id, dict(zip(parts[::2], parts[1::2], strict=True)))


def done_since(redis: Redis, asked: Sequence[tuple[str | None, datetime]]) -> list[str | None]:
    """Of each (job, moment) the last thing that was done to the job since then, and by whom. None: nothing, or there is
    no job. One round trip for all.
    """
    ids = sorted({job_id for job_id, _at in asked if job_id})
    if not ids:
        return [None] * len(asked)
    pipeline = pipelined(redis)
    for job_id in ids:
        ask_last(pipeline, job_id)
    done = {job_id: last(answer) for job_id, answer in zip(ids, pipeline.execute(), strict=True)}
    return [_told_since(done.get(job_id or ""), at) for job_id, at in asked]


def _told_since(done: AuditEntry | None, at: datetime) -> str | None:
    if done is None or done.at is None or done.at < at:
        return None
    return f"{done.action}, by {done.actor}" + (f": {done.reason}" if done.reason else "")


def _plain(value: Any) -> str:
    return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)


def page(redis: Redis, site: str | None, number: int, size: int) -> tuple[int, list[AuditEntry]]:
    """(how many there are, those of one page), newest first; `site` keeps to that site's entries."""
    # Bounded by the stream's own length, so reading all to filter by site is cheap enough.
    entries: Any = redis.xrevrange(keys.AUDIT, count=None if site else number * size)
    wanted = [_entry(entry_id, fields) for entry_id, fields in entries]
    if site:
        wanted = [entry for entry in wanted if entry.site == site]
    total: Any = len(wanted) if site else redis.xlen(keys.AUDIT)
    return total, wanted[(number - 1) * size : number * size]


def _entry(entry_id: Any, fields: Any) -> AuditEntry:
    entry = {text(name): text(value) or "" for name, value in fields.items()}
    milliseconds = int((text(entry_id) or "0").partition("-")[0])
    return AuditEntry(
        at=datetime.fromtimestamp(milliseconds / 1000, timezone.utc),
        actor=entry.get("actor", ""),
        action=entry.get("action", ""),
        job_id=entry.get("job_id", ""),
        ok=entry.get("ok") == "1",
        state_before=entry.get("state_before", ""),
        state_after=entry.get("state_after", ""),
        reason=entry.get("reason", ""),
        queue=entry.get("queue") or None,
        site=entry.get("site") or None,
        detail=entry.get("detail", ""),
        method=entry.get("method", ""),
    )
