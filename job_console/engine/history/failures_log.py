"""Our own log of failures: the newest `FAILURES_EACH` of each method on each site.

RQ's failed registry does not suffice: Frappe caps it for all sites of a bench together and deletes the newest beyond
the cap, and RQ counts a scheduled job of Frappe's that fails as `finished`. The jobs' hooks write this log together
with the statistics, so it does not have jobs whose process was killed; those are in RQ's registry.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from ..models.bench import FailedRun
from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq import limits as rq_limits
from ..rq.records import text
from . import limits

#: Methods whose failures one look reads. When a mail server is down, the same one fails on every site of the bench.
_METHODS = 200


def arguments(failure: FailedRun) -> list[str | float | int]:
    """The arguments of lua/record_run.lua that describe a failure."""
    entry = {
        "id": failure.job_id,
        "at": failure.at.timestamp(),
        "type": failure.type[: limits.METHOD_CHARS],
        "message": failure.message[: rq_limits.TEXT_CHARS],
        "queue": failure.queue,
        "site": failure.site,
        **({"scheduled": True} if failure.scheduled else {}),
    }
    bounds = [limits.FAILURES_METHODS, limits.FAILURES_EACH, rq_limits.FAILURES_TTL_S]
    return [json.dumps(entry), failure.at.timestamp(), *bounds, _name(failure.site, failure.method)]


def key(failure: FailedRun) -> str:
    """The list that it stands in."""
    return keys.failures(_name(failure.site, failure.method))


def _name(site: str | None, method: str) -> str:
    return keys.failing(site, method[: limits.METHOD_CHARS])


def of_method(redis: Redis, site: str | None, method: str) -> list[FailedRun]:
    """The failures that we remember of one method of a site, newest first."""
    name = _name(site, method)
    entries: Any = redis.lrange(keys.failures(name), 0, limits.FAILURES_EACH - 1)
    return _read(name, entries)


def since(redis: Redis, now: datetime, seconds: float) -> list[FailedRun]:
    """Failures of the last `seconds`, newest first. Two round trips, one when nothing failed."""
    start = now - timedelta(seconds=seconds)
    members: Any = redis.zrevrangebyscore(keys.FAILURES, "+inf", start.timestamp(), 0, _METHODS)
    names = [text(member) or "" for member in members]
    if not names:
        return []
    pipeline = pipelined(redis)
    for name in names:
        pipeline.lrange(keys.failures(name), 0, limits.FAILURES_EACH - 1)
    lists = zip(names, pipeline.execute(), strict=True)
    found = [failed for name, entries in lists for failed in _read(name, entries) if failed.at >= start]
    return sorted(found, key=lambda failed: failed.at, reverse=True)


def _read(name: str, entries: Iterable[Any]) -> list[FailedRun]:
    _site, _colon, method = name.partition(":")
    return [failed for failed in (_failed(method, entry) for entry in entries) if failed]


def _failed(method: str, entry: Any) -> FailedRun | None:
    """None: not one of ours."""
    try:
        plain = json.loads(entry)
        at = datetime.fromtimestamp(float(plain["at"]), timezone.utc)
        kind, message = str(plain.get("type") or ""), str(plain.get("message") or "")
        scheduled = plain.get("scheduled") is True
        where = {"queue": plain.get("queue"), "site": plain.get("site")}
        return FailedRun(method, str(plain["id"]), at, kind, message, **where, scheduled=scheduled)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
        return None
