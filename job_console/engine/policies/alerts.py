"""Who has to be told of what, as policies say. Pure but for what Redis remembers: pauses, and what was seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .. import keys, limits
from ..detectors.words import many
from ..link import Redis
from ..models import Bench, Call, FailedRun, Warning
from .match import Book
from .models import Policy


@dataclass(frozen=True, slots=True)
class Alert:
    """One for each policy and kind of news, however many jobs it is about. `text` may hold secrets still."""

    policy: Policy
    on: str  # failed | gave_up | warning
    text: str
    job_id: str | None = None


def due(
    book: Book, failures: Sequence[FailedRun], retried: Collection[str], warnings: Iterable[Warning], bench: Bench
) -> list[Alert]:
    """`failures` and `warnings`: of the site, those that are new. `retried`: the jobs that will be tried again."""
    lost = [failed for failed in failures if failed.job_id not in retried]
    found = [
        *_of_failures(book, "failed", "failed", failures),
        *_of_failures(book, "gave_up", "will not be tried again", lost),
    ]
    told: dict[str, Alert] = {}
    for warning in warnings:
        policy = _about(book, warning, bench)
        if policy is not None and "warning" in policy.alerts.on and warning.severity != "info":
            told.setdefault(policy.name, Alert(policy, "warning", warning.message, warning.job_id))
    return found + list(told.values())


def _of_failures(book: Book, on: str, words: str, failures: Sequence[FailedRun]) -> Iterable[Alert]:
    """`failures`: the newest first."""
    by_policy: dict[str, list[FailedRun]] = {}
    policies: dict[str, Policy] = {}
    for failed in failures:
        policy = book.of(Call(failed.method, failed.method, "scheduled" if failed.scheduled else "method"))
        if policy is not None and on in policy.alerts.on:
            policies[policy.name] = policy
            by_policy.setdefault(policy.name, []).append(failed)
    for name, found in by_policy.items():
        newest = found[0]
        often = f", and {many(len(found) - 1, 'more job')} of {name}" if len(found) > 1 else ""
        why = f"{newest.type}: {newest.message}" if newest.message else newest.type
        yield Alert(policies[name], on, f"{newest.method} {words}{often}. {why}", newest.job_id)


def _about(book: Book, warning: Warning, bench: Bench) -> Policy | None:
    """The policy of the job, or of the method, that a warning is about."""
    for lane in bench.lanes:
        for job in (*lane.running, *lane.head):
            if warning.job_id is not None and job.id == warning.job_id:
                return book.of(job.call)
    method = warning.evidence.get("method")
    return book.of(Call(method, method, "method")) if isinstance(method, str) else None


def claim(redis: Redis, site: str, alert: Alert) -> bool:
    """False while the policy's pause since the last one of its kind lasts."""
    pause_ms = int(alert.policy.alerts.cooldown_s * 1000)
    if pause_ms <= 0:
        return True
    return bool(redis.set(keys.own("alerted", site, alert.policy.name, alert.on), 1, nx=True, px=pause_ms))


def seen(redis: Redis, site: str, now: datetime) -> datetime:
    """Up to when failures were looked at. The first time it is now: nobody is told of the past."""
    mark: Any = redis.get(keys.own("alerts_seen", site))
    return datetime.fromtimestamp(float(mark), timezone.utc) if mark else now


def note_seen(redis: Redis, site: str, until: datetime) -> None:
    redis.set(keys.own("alerts_seen", site), repr(until.timestamp()), ex=limits.ALERTS_SEEN_TTL_S)


def retried(redis: Redis, job_ids: Sequence[str]) -> set[str]:
    """Those of them that will be tried again by themselves."""
    pipeline = redis.pipeline(transaction=False)
    for job_id in job_ids:
        pipeline.zscore(keys.own("retries"), job_id)
    return {job_id for job_id, due_at in zip(job_ids, pipeline.execute(), strict=True) if due_at is not None}
