"""Incidents: warnings that a host stores, so that they have a beginning and an end. Pure: no store, no clock.

One cause is one incident, however many jobs it affects. It does not flap: it ends only when it was not seen for
`limits.INCIDENT_CALM_S`, and one that comes back within `limits.INCIDENT_REOPEN_S` of its end is reopened.

    for change in changes(known, troubles(warnings, wire), now): ...
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from ..models.warnings import GROUPED, Warning
from ..wire import Json, View, warning_json
from . import limits

_SEVERITIES = ("critical", "warning")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One cause, as a look shows it; fit to be stored (secrets are hidden, no job of another site)."""

    key: str
    code: str
    severity: str  # critical | warning
    message: str
    evidence: Json
    #: How many jobs it hits; 0: it is about no job.
    jobs: int = 0
    since: datetime | None = None
    queue: str | None = None
    worker: str | None = None
    method: str | None = None
    job_id: str | None = None
    #: Somebody silenced it: it is written down, and nobody is notified.
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """An incident as it was written down."""

    name: str
    key: str
    severity: str
    jobs: int
    last_seen: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Reopened:
    """It has come back soon after its end. `worse`: as in `Seen`."""

    known: Known
    trouble: Trouble
    worse: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """It goes on. `worse`: it is more severe than before, so people are notified."""

    known: Known
    trouble: Trouble
    worse: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    known: Known


Change = Opened | Reopened | Seen | Resolved


def troubles(warnings: Iterable[Warning], view: View) -> list[Trouble]:
    """One for each cause; what is only information is none."""
    found: dict[str, Trouble] = {}
    for warning in warnings:
        if warning.severity not in _SEVERITIES:
            continue
        trouble = _trouble(warning, view)
        known = found.get(trouble.key)
        if known is not None:
            severity = min(known.severity, trouble.severity, key=_SEVERITIES.index)
            quiet = known.quiet and trouble.quiet
            found[trouble.key] = replace(known, severity=severity, jobs=known.jobs + trouble.jobs, quiet=quiet)
        else:
            found[trouble.key] = trouble
    return list(found.values())


def key_of(warning: Warning) -> str:
    """Of its cause, however many warnings it has."""
    return blake2b(repr(warning.cause).encode(), digest_size=10).hexdigest()


def _trouble(warning: Warning, view: View) -> Trouble:
    reported = warning_json(view, warning)
    method = warning.evidence.get("method")
    method = method if isinstance(method, str) else None
    return Trouble(
        key=key_of(warning),
        code=warning.code,
        severity=warning.severity,
        message=reported["message"],
        evidence=reported["evidence"],
        jobs=_jobs(warning),
        since=warning.since,
        queue=warning.queue,
        worker=warning.worker,
        method=method,
        job_id=warning.job_id,
        quiet=view.silenced(warning) is not None,
    )


def _jobs(warning: Warning) -> int:
    """How many jobs it is about, as it may stand for a group."""
    count = warning.evidence.get("count") if warning.code in GROUPED else None
    return count if isinstance(count, int) else int(warning.job_id is not None)


def changes(known: Sequence[Known], troubles: Sequence[Trouble], now: datetime) -> list[Change]:
    """What to write down now. `known`: all that are open, and those that were resolved lately. All times in UTC.

    At most `limits.INCIDENTS_OPEN` are open at once. What is open goes on as long as it is seen, also among more.
    """
    by_key = {each.key: each for each in sorted(known, key=lambda each: (each.resolved_at is None, each.last_seen))}
    found: list[Change] = []
    still_open = sum(each.resolved_at is None for each in known)
    for trouble in troubles:
        before = by_key.get(trouble.key)
        change = _of_trouble(before, trouble, now)
        if isinstance(change, (Opened, Reopened)):
            if still_open >= limits.INCIDENTS_OPEN:
                continue
            still_open += 1
        if change is not None:
            found.append(change)
    present = {trouble.key for trouble in troubles}
    calm = now - timedelta(seconds=limits.INCIDENT_CALM_S)
    return found + [
        Resolved(each)
        for each in known
        if each.resolved_at is None and each.key not in present and each.last_seen <= calm
    ]


def _of_trouble(before: Known | None, trouble: Trouble, now: datetime) -> Change | None:
    if before is None:
        return Opened(trouble)
    worse = _SEVERITIES.index(trouble.severity) < _SEVERITIES.index(before.severity)
    if before.resolved_at is not None:
        again = now - before.resolved_at <= timedelta(seconds=limits.INCIDENT_REOPEN_S)
        return Reopened(before, trouble, worse) if again else Opened(trouble)
    due = now - before.last_seen >= timedelta(seconds=limits.INCIDENT_TOUCH_S)
    return Seen(before, trouble, worse) if worse or due else None
