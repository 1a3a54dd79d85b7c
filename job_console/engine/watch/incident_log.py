"""Incidents of a whole bench in Redis, for the operator console: a site's own are its documents.

A bounded hash, written by sweeps of `serve` and `watch`: open ones, and those that ended lately.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..history import audit
from ..messages import _, dumps, loads
from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.records import moment
from ..wire import Json, time
from . import incidents, limits
from .incidents import Known, Opened, Resolved, Trouble

_MOMENTS = ("opened", "last_seen", "resolved", "acknowledged")


@dataclass(frozen=True, slots=True)
class Logged:
    """`name`: its cause and when it opened; `how`: how it ended."""

    name: str
    key: str
    severity: str
    code: str
    message: str
    jobs: int
    opened: datetime
    last_seen: datetime
    queue: str | None = None
    method: str | None = None
    job_id: str | None = None
    worker: str | None = None
    resolved: datetime | None = None
    how: str | None = None
    acknowledged_by: str | None = None
    acknowledged: datetime | None = None

    @property
    def status(self) -> str:
        return "Resolved" if self.resolved else "Acknowledged" if self.acknowledged_by else "Open"

    def to_json(self) -> Json:
        """As a site's incidents are told."""
        moments = {name: time(getattr(self, name)) for name in _MOMENTS}
        plain = {name: value for name, value in asdict(self).items() if name != "key"}
        return {**plain, **moments, "status": self.status, "severity": self.severity.capitalize()}


def read(redis: Redis, key: str) -> list[Logged]:
    """Open ones first, the most severe before others; then what ended, the last first."""
    fields: Any = redis.hgetall(key)
    fields.pop(keys.INCIDENTS_CHANGED.encode(), None)
    found = [each for value in fields.values() if (each := _read(value))]
    still = sorted((each for each in found if not each.resolved), key=lambda each: (each.severity, -_at(each.opened)))
    return still + sorted((each for each in found if each.resolved), key=lambda each: -_at(each.resolved))


def write_down(redis: Redis, key: str, troubles: Sequence[Trouble], now: datetime) -> None:
    """What has opened, goes on or has ended since. One round trip when nothing has, three at most."""
    logged = {each.name: each for each in read(redis, key)}
    known = [
        Known(each.name, each.key, each.severity, each.jobs, each.last_seen, each.resolved) for each in logged.values()
    ]
    changed = {}
    changes = incidents.changes(known, troubles, now)
    how = _how(redis, [logged[each.known.name] for each in changes if isinstance(each, Resolved)])
    for change in changes:
        if isinstance(change, Opened):
            new = _opened(change.trouble, now)
            changed[new.name] = new
        elif isinstance(change, Resolved):
            before = logged[change.known.name]
            changed[before.name] = replace(before, resolved=now, how=how[before.name])
        else:
            before = logged[change.known.name]
            changed[before.name] = replace(
                before, **_of_trouble(change.trouble), last_seen=now, resolved=None, how=None
            )
    _write(redis, key, logged, changed, now)


def _how(redis: Redis, ended: Sequence[Logged]) -> dict[str, str]:
    done = audit.done_since(redis, [(each.job_id, each.opened) for each in ended])
    return {each.name: said or _("The condition ended.") for each, said in zip(ended, done, strict=True)}


def acknowledge(redis: Redis, key: str, name: str, person: str, now: datetime) -> bool:
    """False: there is none of this name that is open."""
    found = next((each for each in read(redis, key) if each.name == name and not each.resolved), None)
    if found is None:
        return False
    pipeline = pipelined(redis)
    pipeline.hset(key, name, _text(replace(found, acknowledged_by=person, acknowledged=now)))
    pipeline.hincrby(key, keys.INCIDENTS_CHANGED, 1)
    pipeline.execute()
    return True


def _write(redis: Redis, key: str, logged: dict[str, Logged], changed: dict[str, Logged], now: datetime) -> None:
    ended = [each for each in (logged | changed).values() if each.resolved]
    oldest = now - timedelta(seconds=limits.INCIDENT_LOGGED_S)
    kept = sorted(ended, key=lambda each: -_at(each.resolved))[: limits.INCIDENTS_LOGGED]
    gone = [each.name for each in ended if each not in kept or (each.resolved and each.resolved < oldest)]
    if not changed and not gone:
        return
    pipeline = pipelined(redis)
    if changed:
        pipeline.hset(key, mapping={name: _text(each) for name, each in changed.items()})
    pipeline.hincrby(key, keys.INCIDENTS_CHANGED, 1)
    if gone:
        pipeline.hdel(key, *gone)
    pipeline.expire(key, limits.INCIDENT_LOG_TTL_S)
    pipeline.execute()


def _opened(trouble: Trouble, now: datetime) -> Logged:
    name = f"{trouble.key}-{round(now.timestamp())}"
    return Logged(name=name, key=trouble.key, opened=now, last_seen=now, **_of_trouble(trouble))


def _of_trouble(trouble: Trouble) -> dict[str, Any]:
    names = ("severity", "code", "message", "jobs", "queue", "method", "job_id", "worker")
    return {each: getattr(trouble, each) for each in names}


def _at(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


def _text(incident: Logged) -> str:
    return dumps({**asdict(incident), **{name: time(getattr(incident, name)) for name in _MOMENTS}})


def _read(value: Any) -> Logged | None:
    try:
        fields = loads(value)
        return Logged(**{**fields, **{name: moment(fields[name]) for name in _MOMENTS}})
    except (ValueError, TypeError, KeyError):
        return None
