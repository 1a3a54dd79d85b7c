"""What a policy says of one job, in sentences, and where the job does not follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..models.jobs import Job
from ..models.policies import Policy
from ..wording import duration, many
from . import templates

_REPORTED = {"failed": "each failure", "gave_up": "jobs that are out of attempts", "warning": "warnings about its jobs"}
_LOST = {"requeue": "When its worker dies, it is put back in its queue.", "fail": "When its worker dies, it fails."}


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
            f"It goes to {policy.queue}."
            if lane == policy.queue
            else (
                f"It goes to {policy.queue}, but stands in {lane}: it was moved, or enqueued before its policy said so."
            )
        )
    if policy.timeout_s:
        other = job.timeout_s and job.timeout_s != policy.timeout_s
        but = f", but this one after {duration(job.timeout_s or 0)}, as it was enqueued" if other else ""
        yield f"It is stopped after {duration(policy.timeout_s)}{but}."


def _times(policy: Policy) -> Iterator[str]:
    if policy.overruns_s is not None and policy.expected_s is not None:
        yield f"It is expected to take {duration(policy.expected_s)}, and overruns after {duration(policy.overruns_s)}."
    if policy.longest_wait_s:
        yield f"It may wait {duration(policy.longest_wait_s)}."


def _tries(policy: Policy, job: Job) -> Iterator[str]:
    if policy.attempts > 1:
        yield f"It is tried up to {policy.attempts} times; this is attempt {job.attempt}."
    if policy.idempotency != "unknown":
        yield "It is safe to repeat." if policy.idempotency == "safe" else "It is not safe to repeat."
    if policy.lost in _LOST:
        yield _LOST[policy.lost]


def _keys(policy: Policy, filled: Callable[[str], str], in_favour: int) -> Iterator[str]:
    if policy.key:
        yield f"While it waits or runs there is no other one with the key {filled(policy.key)!r}."
    if in_favour:
        yield f"In the last day {many(in_favour, 'job was', 'jobs were')} refused as its duplicate."
    if policy.limit:
        each = {"bench": "on the bench", "site": "on this site"}.get(policy.limit.per)
        where = each or f"with the key {filled(policy.limit.key or '')!r}"
        yield f"At most {policy.limit.runs} run at once {where}."
    if policy.lock:
        yield f"While it runs it holds the lock {filled(policy.lock)!r}."


def _rest(policy: Policy) -> Iterator[str]:
    if policy.alerts.to:
        reported = " and ".join(_REPORTED[each] for each in policy.alerts.on if each in _REPORTED)
        yield f"{', '.join(policy.alerts.to)} {'is' if len(policy.alerts.to) == 1 else 'are'} told of {reported}."
    if policy.sensitive:
        yield f"Never shown: {', '.join(policy.sensitive)}."
