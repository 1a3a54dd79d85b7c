"""The policy of the run that this process is in: asked for once, when it begins, and obeyed around it."""

import sys
from typing import TYPE_CHECKING, Any

import frappe
from rq.job import Job

from job_console.engine.concurrency import places
from job_console.engine.models.jobs import Call
from job_console.engine.models.policies import Policy
from job_console.engine.policies import store, templates, unique
from job_console.engine.progress import early_exit, hand_over

from .batch import Batch

if TYPE_CHECKING:
    from ..locks.lock import SiteLock

_policy: Policy | None = None
_held: "SiteLock | None" = None
#: The job that has a place, and the name of that.
_place: tuple[str, str] | None = None


def policy() -> Policy | None:
    """Of the job that runs here now."""
    return _policy


def ask(job: Job, asked: Call, batch: Batch) -> None:
    global _policy
    _policy = None
    site = asked.site or frappe.local.site
    store.ask(batch.pipeline, site, asked)

    def answered(found: Any) -> None:
        global _policy
        _policy = store.answer(job.connection, site, asked, found)

    batch.then(answered)


def give_key_back(job: Job, asked: Call, batch: Batch) -> None:
    """What ended well is done with its unique key. What did not may be tried again, and keeps it until it is looked at
    (`unique.claim`)."""
    if _policy is None or not _policy.key:
        return
    key, site = templates.of_call(_policy.key, _policy, asked), asked.site or frappe.local.site
    if sys.exc_info()[1] is None:
        unique.give_back(batch.pipeline, site, key, job.id)
    else:
        unique.keep(batch.pipeline, site, key)


def take_place(job: Job, asked: Call) -> None:
    """Raises `early_exit.Parked` when as many run as may: then it waits in line, and no worker waits with it."""
    global _place
    _place = None
    site = asked.site or frappe.local.site
    bound = _bound(job, asked, site)
    if bound is None:
        return
    if places.take(job.connection, bound, site, job.id, job.created_at):
        _place = (job.id, bound.name)
        return
    hand_over.park(job)
    raise early_exit.Parked(f"It waits for a place: {bound.reached}.")


def _bound(job: Job, asked: Call, site: str) -> places.Bound | None:
    """The one of its policy, else the one that the bench sets each site in this lane."""
    bound = places.of_policy(_policy, asked, site) if _policy is not None else None
    if bound is None and (limits := frappe.conf.job_console_site_limits):
        lane = job.origin.rpartition(":")[2]
        runs = frappe.utils.cint(limits.get(lane))
        bound = places.of_lane(lane, runs, site) if runs > 0 else None
    return bound


def leave_place(job: Job, batch: Batch) -> None:
    global _place
    had, _place = _place, None
    if had is not None and had[0] == job.id:
        places.leave(batch.pipeline, had[1], job.id)


def take_lock(asked: Call) -> None:
    """Raises LockTimeout: without its lock the job must not run."""
    global _held
    give_lock_back()  # Frappe runs a job again in place after a deadlock
    if _policy is not None and _policy.lock:
        from ..locks.lock import lock  # much to load where the worker has not done so before it forked (commands.py)

        key = templates.of_call(_policy.lock, _policy, asked)
        _held = lock(key, wait=_policy.lock_wait_s).acquire()


def give_lock_back() -> None:
    global _held
    held, _held = _held, None
    if held is not None:
        held.release()
