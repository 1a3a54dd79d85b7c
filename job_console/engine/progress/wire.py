"""Progress to JSON. Texts are the application's own: `plain` hides what is secret in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from ..models.progress import Asked, Chunks, Parked, Progress

Json = dict[str, Any]
Plain = Callable[[str], str]


def progress(reported: Progress | None, now: datetime, plain: Plain) -> Json | None:
    if reported is None:
        return None
    return {
        "done": reported.done,
        "total": reported.total,
        "text": plain(reported.text),
        "fraction": _rounded(reported.fraction, 4),
        "rate": reported.rate,
        "left_s": _rounded(reported.left_s(now)),
        "at": _time(reported.at),
        "overheard": reported.from_frappe,
        "extended_s": reported.extended_s,
        "chunks": _chunks(reported.chunks, plain) if reported.chunks else None,
        "parked": _parked(reported.parked, plain) if reported.parked else None,
    }


def asked(flags: Mapping[str, Asked], plain: Plain) -> Json:
    return {what: {"by": each.by, "at": _time(each.at), "reason": plain(each.reason)} for what, each in flags.items()}


def _chunks(chunks: Chunks, plain: Plain) -> Json:
    return {
        "committed": chunks.committed,
        "skipped": chunks.skipped,
        "failed": chunks.failed,
        "reasons": [{"text": plain(reason), "count": count} for reason, count in chunks.reasons],
        "checkpoint": chunks.checkpoint,
        "part": list(chunks.part) if chunks.part else None,
        "run": chunks.run,
    }


def _parked(parked: Parked, plain: Plain) -> Json:
    return {"by": parked.by, "at": _time(parked.at), "reason": plain(parked.reason), "until": parked.until}


def _rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)


def _time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
