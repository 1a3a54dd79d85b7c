"""Progress in Redis: one hash a job, written by the job in one script call that also reads what is asked of it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from ..messages import pack, unpack
from ..models import limits as models_limits
from ..models.progress import HELD, PLACE, Asked, Chunks, Parked, Progress
from ..redis import keys
from ..redis.link import Redis, script
from ..rq.records import from_score, moment, number, text
from . import flags, limits

_WAITING = ("queued", "scheduled", "deferred")


def write(redis: Redis, job_id: str, progress: Progress, ttl_s: float = limits.PROGRESS_TTL_S) -> dict[str, Asked]:
    """Returns what is asked of this run. One round trip."""
    names = (keys.progress(job_id), keys.asked(job_id), keys.job(job_id))
    answer: Any = redis.eval(script("report"), len(names), *names, int(ttl_s), *_fields(progress))
    started_at, asked = answer
    return flags.of_run(asked, moment(started_at))


def _fields(progress: Progress) -> list[str]:
    """Without `at`, which the script takes from the server's clock."""
    values = {
        "done": _plain(progress.done),
        "total": _plain(progress.total),
        "text": progress.text[: models_limits.PROGRESS_TEXT_CHARS],
        "rate": "" if progress.rate is None else f"{progress.rate:.6g}",
        "overheard": str(int(progress.from_frappe)),
        "extended_s": _plain(progress.extended_s),
        "chunks": json.dumps(asdict(progress.chunks)) if progress.chunks else "",
        "parked": parked_text(progress.parked),
    }
    return [part for pair in values.items() for part in pair]


def _plain(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else f"{value:.6g}"


def parked_text(parked: Parked | None) -> str:
    if parked is None:
        return ""
    at = parked.at.timestamp() if parked.at else None
    return json.dumps({**asdict(parked), "at": at, "reason": pack(parked.reason)})


def read(answer: list[Any], status: str, started_at: datetime | None) -> Progress | None:
    """From the hash's fields and values. An earlier run's report counts only for a job that goes on from there."""
    named = {text(name): value for name, value in zip(answer[::2], answer[1::2], strict=True)}
    done = number(named.get("done"))
    if done is None:
        return None
    progress = Progress(
        done=done,
        total=number(named.get("total")),
        text=(text(named.get("text")) or "")[: models_limits.PROGRESS_TEXT_CHARS],
        at=from_score(number(named.get("at"))),
        rate=number(named.get("rate")),
        from_frappe=text(named.get("overheard")) == "1",
        extended_s=number(named.get("extended_s")) or 0.0,
        chunks=_chunks(named.get("chunks")),
        parked=_parked(named.get("parked")),
    )
    if status not in _WAITING and (status != "started" or moment(named.get("run")) == started_at):
        return progress
    parked = progress.parked if status == "scheduled" else None
    if progress.chunks is None:
        return Progress(0, parked=parked) if parked is not None and parked.until in (PLACE, HELD) else None
    return replace(progress, rate=None, extended_s=0.0, parked=parked)


def _chunks(value: Any) -> Chunks | None:
    try:
        plain = json.loads(value or b"null")
        part = plain["part"]
        return Chunks(
            committed=int(plain["committed"]),
            skipped=int(plain["skipped"]),
            failed=int(plain["failed"]),
            reasons=tuple((str(reason), int(count)) for reason, count in plain["reasons"]),
            checkpoint=plain["checkpoint"] and str(plain["checkpoint"]),
            part=(int(part[0]), int(part[1])) if part else None,
            run=int(plain["run"]),
        )
    except (ValueError, TypeError, KeyError, IndexError):
        return None


def _parked(value: Any) -> Parked | None:
    try:
        plain = json.loads(value or b"null")
        at, place = from_score(number(plain["at"])), str(plain.get("place") or "")
        return Parked(
            by=str(plain["by"]), at=at, reason=unpack(plain["reason"]), until=str(plain["until"]), place=place
        )
    except (ValueError, TypeError, KeyError):
        return None
