"""Attempts to JSON. Messages are the application's own: `plain` hides what is secret in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from ..models.jobs import Job
from ..models.retries import Try
from .models import AGAIN, of_run

Json = dict[str, Any]
Plain = Callable[[str], str]


def tries(job: Job, plain: Plain) -> Json | None:
    """`next_at` while the next attempt is not due yet; `then`: again, gave_up (a dead letter), asks."""
    attempts = job.tries
    if attempts is None:
        return None
    ended = job.status in ("failed", "finished") and of_run(attempts, job.started_at)
    waits = attempts.then == AGAIN and (job.status == "scheduled" or ended)
    return {
        "failed": attempts.failed,
        "of": attempts.of,
        "then": attempts.then,
        "why": plain(attempts.why),
        "policy": attempts.policy,
        "next_at": _time(attempts.next_at) if waits else None,
        "history": [_try(each, plain) for each in attempts.history],
    }


def _try(each: Try, plain: Plain) -> Json:
    return {
        "at": _time(each.at),
        "started_at": _time(each.started_at),
        "type": each.type,
        "message": plain(each.message),
        "lost": each.lost,
    }


def _time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
