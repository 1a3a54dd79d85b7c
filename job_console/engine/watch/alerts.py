"""Decides whom policies want notified of what. Pure, except for what is kept in Redis: pauses, and what was seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..messages import Message, _
from ..models.bench import Bench, FailedRun
from ..models.jobs import Call, Job
from ..models.policies import Policy
from ..models.policy_match import PolicySet
from ..models.warnings import Warning
from ..redis import keys
from ..redis.link import Redis
from ..retries.models import AGAIN, stamp
from ..wording import many
from . import incidents, limits
from .retry_duty import unseen


@dataclass(frozen=True, slots=True)
class Alert:
    """One notification for each policy and kind, however many jobs it is about. `text` is not redacted yet."""

    policy: Policy
    on: str  # failed | gave_up | warning
    text: str
    job_id: str | None = None
    #: The warning, where the policy wants no pause between two.
    about: str = ""
    #: The key of the warning's incident (`incidents.Trouble`).
    cause: str = ""


#: Of one job, and of several.
_FAILED = (_("{method} failed. {why}"), _("{method} failed, and {others} of {policy}. {why}"))
_GAVE_UP = (
    _("{method} will not be tried again. {why}"),
    _("{method} will not be tried again, and {others} of {policy}. {why}"),
)


def due(
    policy_set: PolicySet, failures: Sequence[FailedRun], jobs: Sequence[Job], warnings: Iterable[Warning], bench: Bench
) -> list[Alert]:
    """The alerts of a site that are due. `failures`: the new ones; `jobs`: their jobs as they are now; `warnings`: all
    of the site's.
    """
    given_up = _given_up(failures, jobs)
    # One failure is told once: as the worse of the two, where its policy tells both.
    others = [
        each for each in failures if each not in given_up or not _notifies(_policy_of(policy_set, each), "gave_up")
    ]
    found = [
        *_of_failures(policy_set, "failed", _FAILED, others),
        *_of_failures(policy_set, "gave_up", _GAVE_UP, given_up),
    ]
    reported: dict[tuple[str, str], Alert] = {}
    for warning in warnings:
        policy = _about(policy_set, warning, bench)
        if policy is not None and "warning" in policy.alerts.on and warning.severity != "info":
            about = "" if policy.alerts.cooldown_s > 0 else warning.id
            alert = Alert(policy, "warning", warning.message, warning.job_id, about, incidents.key_of(warning))
            reported.setdefault((policy.name, about), alert)
    return found + list(reported.values())


def judged(policy_set: PolicySet, failures: Sequence[FailedRun], jobs: Sequence[Job], bench: Bench) -> list[FailedRun]:
    """The failures up to the first one of which it is not decided yet whether it is tried again (its process was
    killed, and the sweep decides). That one, and all after it, wait for the next look.
    """
    unjudged = unseen(jobs, bench.policies, bench.at)
    waiting = {job.id for job, _tries in unjudged if _notifies(policy_set.of(job.call), "gave_up")}
    first = min((failed.at for failed in failures if failed.job_id in waiting), default=None)
    return [failed for failed in failures if first is None or failed.at < first]


def _given_up(failures: Sequence[FailedRun], jobs: Sequence[Job]) -> list[FailedRun]:
    known = {job.id: job for job in jobs}
    return [failed for failed in failures if not _comes_again(known.get(failed.job_id), failed.at)]


def _comes_again(job: Job | None, failed_at: datetime) -> bool:
    """Whether the job will be retried automatically, or has been since."""
    if job is None or job.created_at is None or job.created_at > failed_at:
        return False  # it is gone, or another one has its id
    if job.status in ("queued", "scheduled", "deferred") or (job.started_at and job.started_at > failed_at):
        return True
    return job.tries is not None and job.tries.then == AGAIN and job.tries.run == stamp(job.started_at)


def _notifies(policy: Policy | None, on: str) -> bool:
    return policy is not None and on in policy.alerts.on


def _of_failures(
    policy_set: PolicySet, on: str, texts: tuple[Message, Message], failures: Sequence[FailedRun]
) -> Iterable[Alert]:
    """`failures`: the newest first."""
    by_policy: dict[str, list[FailedRun]] = {}
    policies: dict[str, Policy] = {}
    for failed in failures:
        policy = _policy_of(policy_set, failed)
        if policy is not None and _notifies(policy, on):
            policies[policy.name] = policy
            by_policy.setdefault(policy.name, []).append(failed)
    for name, found in by_policy.items():
        newest = found[0]
        one, more = texts
        text = (more if len(found) > 1 else one).format(
            method=newest.method,
            others=many(len(found) - 1, _("{count:,} more job"), _("{count:,} more jobs")),
            policy=name,
            why=f"{newest.type}: {newest.message}" if newest.message else newest.type,
        )
        yield Alert(policies[name], on, text, newest.job_id)


def _policy_of(policy_set: PolicySet, failed: FailedRun) -> Policy | None:
    return policy_set.of(Call(failed.method, failed.method, "scheduled" if failed.scheduled else "method"))


def _about(policy_set: PolicySet, warning: Warning, bench: Bench) -> Policy | None:
    """The policy of the job, or of the method, that a warning is about."""
    for lane in bench.lanes:
        for job in (*lane.running, *lane.head):
            if warning.job_id is not None and job.id == warning.job_id:
                return policy_set.of(job.call)
    method = warning.evidence.get("method")
    return policy_set.of(Call(method, method, "method")) if isinstance(method, str) else None


def claim(redis: Redis, site: str, alert: Alert) -> bool:
    """Whether to send this alert. False during the policy's pause after the last alert of its kind; without a pause, as
    long as the warning lasts.
    """
    name = keys.own("alerted", site, alert.policy.name, alert.on)
    if alert.about:
        # Each look that finds it puts its end off, as that of an incident.
        # Two commands: a SET that says what was there came with Redis 6.2.
        pipeline, kept_ms = redis.pipeline(), round(limits.INCIDENT_REOPEN_S * 1000)
        pipeline.set(f"{name}:{alert.about}", 1, nx=True, px=kept_ms)
        pipeline.pexpire(f"{name}:{alert.about}", kept_ms)
        return bool(pipeline.execute()[0])
    pause_ms = int(alert.policy.alerts.cooldown_s * 1000)
    return pause_ms <= 0 or bool(redis.set(name, 1, nx=True, px=pause_ms))


def seen(redis: Redis, site: str, now: datetime) -> datetime:
    """Up to when failures were read. The first time this is `now`, so that nobody is notified of old failures."""
    mark: Any = redis.get(keys.own("alerts_seen", site))
    return datetime.fromtimestamp(float(mark), timezone.utc) if mark else now


def note_seen(redis: Redis, site: str, until: datetime) -> None:
    redis.set(keys.own("alerts_seen", site), repr(until.timestamp()), ex=limits.ALERTS_SEEN_TTL_S)
