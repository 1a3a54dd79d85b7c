"""Writes down for whom a job is made, and tells their open pages: see `bridge.own_jobs`.

One round trip, and only of jobs that somebody may wait for, on a site that shows them. It never raises.
"""

import json
import sys
from time import time
from typing import Any

import frappe
from rq.job import Job
from rq.timeouts import JobTimeoutException

from job_console.bridge import logs
from job_console.bridge.connection import engine, queue_prefix
from job_console.engine.jobs import own_jobs
from job_console.engine.jobs.own_jobs import Subject
from job_console.engine.models.jobs import Call
from job_console.engine.progress.early_exit import EarlyExit
from job_console.engine.redis.link import Pipeline, denied, pipelined
from job_console.engine.rq import call as calls

from ..current_run import CurrentRun
from .everywhere import name_of

EVENT = "job_console_own_jobs"


def note(job: Job) -> None:
    """A job was made in this process."""
    try:
        _note(job)
    except JobTimeoutException:
        raise  # who enqueues is a job itself, and its time has run out
    except Exception:
        logs.logger().error("A job was not written down for who waits for it.", exc_info=True)


def _note(job: Job) -> None:
    site, kwargs = getattr(frappe.local, "site", None), job.kwargs
    if not site or not calls.is_wrapped(kwargs) or not job.origin.startswith(queue_prefix()):
        return
    call = calls.wrapped({**kwargs, "method": name_of(kwargs["method"])})
    found = own_jobs.subject(call)
    if found is not None and call.site == site and _shows(site):
        _write(site, found, job.id)


def end(run: CurrentRun, asked: Call, pipeline: Pipeline) -> None:
    """The job's run ends: on the pipeline that goes to Redis anyway."""
    found = own_jobs.subject(asked)
    if found is None or not run.is_outermost_attempt:
        return
    error = sys.exc_info()[1] or run.hidden_error
    if not isinstance(error, EarlyExit):  # a part of its work
        own_jobs.ended(pipeline, asked.site or frappe.local.site, found, run.job.id, time(), well=error is None)


def _shows(site: str) -> bool:
    known = engine().policies.known(site)
    return known is not None and not known.hides_own_jobs


def _write(site: str, found: Subject, job_id: str) -> None:
    pipeline = pipelined(engine().redis)
    own_jobs.note(pipeline, site, found, job_id, time())
    told = _messages(found)
    for event in told:
        pipeline.publish("events", json.dumps({**event, "event": EVENT, "namespace": site}))
    answers = pipeline.execute(raise_on_error=False)
    for event, answer in zip(told, answers[-len(told) :], strict=True):
        if denied(answer):  # a user of Redis with few rights may not publish
            frappe.publish_realtime(EVENT, event["message"], room=event["room"])


def _messages(found: Subject) -> list[dict[str, Any]]:
    """To who started it, and to who has the document open: Frappe lets only those into its room who may read it."""
    about = dict(zip(("doctype", "name"), found.document or (), strict=False))
    told = [{"room": f"user:{found.user}", "message": about}] if found.user else []
    if found.document:
        told.append({"room": f"doc:{found.document[0]}/{found.document[1]}", "message": about})
    return told
