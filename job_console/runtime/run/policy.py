"""The policy of the present run: asked for when an attempt begins, and obeyed around it."""

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
    """Free the unique key of a job that ended well. One that did not may be tried again, and keeps its key until
    `unique.claim` looks at it."""
    policy = run.policy
    if policy is None or not policy.key:
        return
    key, site = templates.of_call(policy.key, policy, asked), asked.site or frappe.local.site
    if sys.exc_info()[1] is None:
        unique.give_back(batch.pipeline, site, key, run.job.id)
    else:
        unique.keep(batch.pipeline, site, key)


def count_obedience(run: CurrentRun, wrapper: str | None, asked: Call, batch: Batch) -> None:
    """What of its policy this run could obey. `wrapper`: what Frappe was told to run."""
    if run.policy is None or outcome.ending(run) is None or isinstance(sys.exc_info()[1], EarlyExit):
        return
    job, site = run.job, asked.site or frappe.local.site
    lane = job.origin.removeprefix(queue_prefix())
    obeyed = obedience.of_run(run.policy, wrapper, lane, job.timeout, job.meta)
    obedience.count(batch.pipeline, site, run.policy, obeyed, datetime.now(timezone.utc))


def take_place(run: CurrentRun, asked: Call) -> None:
    """Raises `early_exit.Parked` when as many run as may: then it waits in line, and no worker waits with it."""
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
    """The one of its policy, else the one that the bench sets each site in this lane."""
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
    """Raises LockTimeout: without its lock the job must not run."""
    run.release_lock()  # Frappe runs a job again in place after a deadlock
    policy = run.policy
    if policy is not None and policy.lock:
        from ..locks.lock import lock  # much to load where the worker has not done so before it forked (commands.py)

        run.lock = lock(templates.of_call(policy.lock, policy, asked), wait=policy.lock_wait_s).acquire()
