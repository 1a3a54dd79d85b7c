"""The policy of the current run: it is read when an attempt begins, and applied around it."""

import sys
from datetime import datetime, timezone
from typing import Any

import frappe

from job_console.bridge.connection import queue_prefix
from job_console.engine.concurrency import places
from job_console.engine.models.jobs import Call
from job_console.engine.policies import obedience, store, templates, unique
from job_console.engine.progress import early_exit, hand_over
from job_console.engine.progress.early_exit import EarlyExit

from ..current_run import CurrentRun
from . import outcome
from .batch import Batch


def ask(run: CurrentRun, asked: Call, batch: Batch) -> None:
    site = asked.site or frappe.local.site
    store.ask(batch.pipeline, site, asked)

    def answered(found: Any) -> None:
        run.policy = store.answer(run.job.connection, site, asked, found)

    batch.then(answered)


def give_key_back(run: CurrentRun, asked: Call, batch: Batch) -> None:
    """Release the unique key of a job that succeeded. A failed one may be tried again, and keeps its key until
    `unique.claim` checks it.
    """
    policy = run.policy
    if policy is None or not policy.key:
        return
    key, site = templates.of_call(policy.key, policy, asked), asked.site or frappe.local.site
    if sys.exc_info()[1] is None:
        unique.give_back(batch.pipeline, site, key, run.job.id)
    else:
        unique.keep(batch.pipeline, site, key)


def count_obedience(run: CurrentRun, wrapper: str | None, asked: Call, batch: Batch) -> None:
    """Count which fields of its policy this run could obey. `wrapper`: the function that the payload names."""
    if run.policy is None or outcome.ending(run) is None or isinstance(sys.exc_info()[1], EarlyExit):
        return
    job, site = run.job, asked.site or frappe.local.site
    lane = job.origin.removeprefix(queue_prefix())
    obeyed = obedience.of_run(run.policy, wrapper, lane, job.timeout, job.meta)
    obedience.count(batch.pipeline, site, run.policy, obeyed, datetime.now(timezone.utc))


def take_place(run: CurrentRun, asked: Call) -> None:
    """Take a place. Raises `early_exit.Parked` when none is free: the job waits for one, and its worker does not."""
    job, site = run.job, asked.site or frappe.local.site
    limit = _limit(run, asked, site)
    if limit is None:
        return
    if places.take(job.connection, limit, site, job.id, job.created_at):
        run.place = limit.name
        return
    hand_over.park(job)
    raise early_exit.Parked(f"It waits for a place: {limit.reached}.")


def _limit(run: CurrentRun, asked: Call, site: str) -> places.Bound | None:
    """The concurrency limit: the policy's, else the one that the bench sets for each site in this lane."""
    limit = places.of_policy(run.policy, asked, site) if run.policy is not None else None
    if limit is None and (limits := frappe.conf.job_console_site_limits):
        lane = run.job.origin.rpartition(":")[2]
        runs = frappe.utils.cint(limits.get(lane))
        limit = places.of_lane(lane, runs, site) if runs > 0 else None
    return limit


def leave_place(run: CurrentRun, batch: Batch) -> None:
    place, run.place = run.place, None
    if place is not None:
        places.leave(batch.pipeline, place, run.job.id)


def take_lock(run: CurrentRun, asked: Call) -> None:
    """Take the policy's lock. Raises LockTimeout: without its lock the job must not run."""
    run.release_lock()  # Frappe runs a job again in place after a deadlock
    policy = run.policy
    if policy is not None and policy.lock:
        from ..locks.lock import lock  # much to load where the worker has not done so before it forked (commands.py)

        run.lock = lock(templates.of_call(policy.lock, policy, asked), wait=policy.lock_wait_s).acquire()
