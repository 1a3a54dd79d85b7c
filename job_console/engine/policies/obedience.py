"""Counts where a policy was obeyed and where it could not be, by the path on which its jobs were enqueued.

A job that is enqueued under a policy has in RQ's `meta` its path, and the fields that could not be obeyed. Its run adds
what it sees and counts both, so that the form can show for each path how many of the last day's jobs obeyed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..history import hourly
from ..messages import _
from ..models.policies import Policy
from ..redis.link import Pipeline, Redis

#: In a job's `meta`.
META = "job_console"
OURS, PLAIN, RQ = "job_console.enqueue", "frappe.enqueue", "rq"
_PATHS = {
    "frappe.utils.background_jobs.run_doc_method": "enqueue_doc",
    "frappe.model.document.execute_action": "queue_action",
    "frappe.core.doctype.scheduled_job_type.scheduled_job_type.run_scheduled_job": "scheduler",
    "frappe.utils.safe_exec.call_whitelisted_function": "server_script",
    "frappe.utils.task_queue._execute_task": "background_task",
}
PATHS = (OURS, PLAIN, *_PATHS.values(), RQ)
#: For each path: the fields that can never be obeyed on it, and why.
NEVER: Mapping[str, Mapping[str, str]] = {
    "background_task": {"key": _("The record of a task that is not enqueued would say Queued for ever.")},
    RQ: {
        "limit": _("It runs without Frappe, and so without what counts the runs."),
        "lock": _("It runs without Frappe, and so without what takes the lock."),
    },
}
_WHAT = "obeyed"


@dataclass(frozen=True, slots=True)
class Obeyed:
    """The counts of one path: its jobs, and for each field of the policy how many could not obey it."""

    path: str
    jobs: int = 0
    missed: Mapping[str, int] = field(default_factory=dict)


def path_of(wrapper: str | None) -> str:
    """The path, from the function in the payload as it is (not the method that it calls in the end). None: not one of
    Frappe's.
    """
    return RQ if wrapper is None else _PATHS.get(wrapper, PLAIN)


def never(policy: Policy, path: str) -> set[str]:
    """The fields that this policy sets and this path cannot obey."""
    wanted = {
        "key": policy.key is not None,
        "limit": policy.limit is not None,
        "lock": policy.lock is not None,
    }
    return {name for name in NEVER.get(path, {}) if wanted[name]}


def mark(meta: Mapping[str, Any] | None, path: str, missed: Iterable[str]) -> dict[str, Any]:
    """The `meta` of a job that is enqueued under a policy, with what the application has put there."""
    return {**(meta or {}), META: {"path": path, "missed": sorted(missed)}}


def of_run(policy: Policy, wrapper: str | None, lane: str, timeout_s: float | None, meta: Any) -> Obeyed:
    """What one run obeyed, as its process sees it. `meta`: the job's."""
    note = meta.get(META) if isinstance(meta, Mapping) else None
    if isinstance(note, Mapping):
        path, missed = str(note.get("path")), {str(each) for each in note.get("missed") or ()}
    else:  # made where nobody asked for its policy
        path, missed = path_of(wrapper), {"key"} if policy.key else set()
    missed -= {"queue", "timeout"}
    if policy.queue and policy.queue != lane:
        missed.add("queue")
    if policy.timeout_s and policy.timeout_s != timeout_s:
        missed.add("timeout")
    return Obeyed(path, 1, dict.fromkeys(missed | never(policy, path), 1))


def count(redis: Redis | Pipeline, site: str, policy: Policy, obeyed: Obeyed, now: datetime) -> None:
    """One script call, on a connection or in a pipeline."""
    first = f"{policy.name}\n{obeyed.path}\n"
    counts = {first: obeyed.jobs, **{first + name: times for name, times in obeyed.missed.items()}}
    hourly.add(redis, _WHAT, site, counts, now)


def last_day(redis: Redis, site: str, policy: str, now: datetime) -> list[Obeyed]:
    """The counts of each path on which jobs of this policy came, the busiest first. One round trip."""
    paths: dict[str, dict[str, int]] = {}
    for name, times in hourly.last_day(redis, _WHAT, site, now).items():
        owner, *of_path = name.rsplit("\n", 2)
        if owner == policy and len(of_path) == 2:
            path, missed = of_path
            paths.setdefault(path, {})[missed] = times
    found = [Obeyed(path, counts.pop("", 0), counts) for path, counts in paths.items()]
    return sorted(found, key=lambda each: (-each.jobs, each.path))
