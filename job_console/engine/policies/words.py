"""What a policy says of one job, in sentences, and where the job does not follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..messages import _, listed
from ..models.jobs import Job
from ..models.policies import Policy
from ..wording import duration, many
from . import templates

_REPORTED = {
    "failed": _("each failure"),
    "gave_up": _("jobs that are out of attempts"),
    "warning": _("warnings about its jobs"),
}
_LOST = {
    "requeue": _("When its worker dies, it is put back in its queue."),
    "fail": _("When its worker dies, it fails."),
}


def decided(policy: Policy, job: Job, shown: Mapping[str, Any], in_favour: int) -> list[str]:
    """`shown`: its arguments as they may be shown. `in_favour`: how many were refused as its duplicates."""

    def filled(template: str) -> str:
        return templates.fill(template, shown, site=job.site or "", user=job.call.user or "", method=job.call.method)

    return [
        *_where(policy, job),
        *_times(policy),
        *_tries(policy, job),
        *_keys(policy, filled, in_favour),
        *_rest(policy),
    ]


def _where(policy: Policy, job: Job) -> Iterator[str]:
    lane = job.queue.rpartition(":")[2]
    if policy.queue:
        yield (
            _("It goes to {queue}.").format(queue=policy.queue)
            if lane == policy.queue
            else (
                _(
                    "It goes to {queue}, but stands in {lane}: it was moved, or enqueued before its policy said so."
                ).format(queue=policy.queue, lane=lane)
            )
        )
    if policy.timeout_s:
        other = job.timeout_s and job.timeout_s != policy.timeout_s
        text = _("It is stopped after {duration}.")
        if other:
            text = _("It is stopped after {duration}, but this one after {own}, as it was enqueued.")
        yield text.format(duration=duration(policy.timeout_s), own=duration(job.timeout_s or 0))


def _times(policy: Policy) -> Iterator[str]:
    if policy.overruns_s is not None and policy.expected_s is not None:
        yield _("It is expected to take {duration}, and overruns after {overruns}.").format(
            duration=duration(policy.expected_s), overruns=duration(policy.overruns_s)
        )
    if policy.longest_wait_s:
        yield _("It may wait {duration}.").format(duration=duration(policy.longest_wait_s))


def _tries(policy: Policy, job: Job) -> Iterator[str]:
    if policy.attempts > 1:
        yield _("It is tried up to {attempts} times; this is attempt {attempt}.").format(
            attempts=policy.attempts, attempt=job.attempt
        )
    if policy.idempotency != "unknown":
        yield _("It is safe to repeat.") if policy.idempotency == "safe" else _("It is not safe to repeat.")
    if policy.lost in _LOST:
        yield _LOST[policy.lost]


def _keys(policy: Policy, filled: Callable[[str], str], in_favour: int) -> Iterator[str]:
    if policy.key:
        yield _("While it waits or runs there is no other one with the key {key!r}.").format(key=filled(policy.key))
    if in_favour:
        yield many(
            in_favour,
            _("In the last day {count:,} job was refused as its duplicate."),
            _("In the last day {count:,} jobs were refused as its duplicate."),
        )
    if policy.limit:
        text = {
            "bench": _("At most {runs} run at once on the bench."),
            "site": _("At most {runs} run at once on this site."),
        }.get(policy.limit.per, _("At most {runs} run at once with the key {key!r}."))
        yield text.format(runs=policy.limit.runs, key=filled(policy.limit.key or ""))
    if policy.lock:
        yield _("While it runs it holds the lock {lock!r}.").format(lock=filled(policy.lock))


def _rest(policy: Policy) -> Iterator[str]:
    if policy.alerts.to:
        reported = listed([_REPORTED[each] for each in policy.alerts.on if each in _REPORTED])
        text = _("{to} is told of {reported}.") if len(policy.alerts.to) == 1 else _("{to} are told of {reported}.")
        yield text.format(to=", ".join(policy.alerts.to), reported=reported)
    if policy.sensitive:
        yield _("Never shown: {sensitive}.").format(sensitive=", ".join(policy.sensitive))
