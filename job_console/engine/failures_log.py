"""Our own record of failures: the newest few of each method, whatever else was deleted.

RQ's failed registry is capped by Frappe, which deletes the newest beyond the cap and shares it among all sites of a
bench; and a scheduled job that fails is `finished` there. This record is written with the statistics, by the jobs'
own hooks, so a job whose process was killed is not in it: RQ's registry is where to look for those.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from . import keys, limits
from .link import Redis, pipelined
from .models import FailedRun
from .records import text

#: Methods whose failures one look reads.
_METHODS = 50


def arguments(failure: FailedRun) -> list[str | float | int]:
    """What lua/record_run.lua wants to know of a failure."""
    entry = {
        "id": failure.job_id,
        "at": failure.at.timestamp(),
        "type": failure.type[: limits.METHOD_CHARS],
        "message": failure.message[: limits.TEXT_CHARS],
        "queue": failure.queue,
        "site": failure.site,
        **({"scheduled": True} if failure.scheduled else {}),
    }
    bounds = [limits.FAILURES_METHODS, limits.FAILURES_EACH, limits.FAILURES_TTL_S]
    return [json.dumps(entry), failure.at.timestamp(), *bounds]


def of_method(redis: Redis, method: str) -> list[FailedRun]:
    """The failures that we remember of one method, newest first."""
    method = method[: limits.METHOD_CHARS]
    entries: Any = redis.lrange(keys.failures(method), 0, limits.FAILURES_EACH - 1)
    return _read(method, entries)


def since(redis: Redis, now: datetime, seconds: float) -> list[FailedRun]:
    """Failures of the last `seconds`, newest first. Two round trips, one when nothing failed."""
    start = now - timedelta(seconds=seconds)
    members: Any = redis.zrevrangebyscore(keys.FAILURES, "+inf", start.timestamp(), 0, _METHODS)
    methods = [text(member) or "" for member in members]
    if not methods:
        return []
    pipeline = pipelined(redis)
    for method in methods:
        pipeline.lrange(keys.failures(method), 0, limits.FAILURES_EACH - 1)
    lists = zip(methods, pipeline.execute(), strict=True)
    found = [failed for method, entries in lists for failed in _read(method, entries) if failed.at >= start]
    return sorted(found, key=lambda failed: failed.at, reverse=True)


def _read(method: str, entries: Iterable[Any]) -> list[FailedRun]:
    return [failed for failed in (_failed(method, entry) for entry in entries) if failed]


def _failed(method: str, entry: Any) -> FailedRun | None:
    """None: not one of ours."""
    try:
        said = json.loads(entry)
        at = datetime.fromtimestamp(float(said["at"]), timezone.utc)
        kind, message = str(said.get("type") or ""), str(said.get("message") or "")
        scheduled = said.get("scheduled") is True
        where = {"queue": said.get("queue"), "site": said.get("site")}
        return FailedRun(method, str(said["id"]), at, kind, message, **where, scheduled=scheduled)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
        return None
