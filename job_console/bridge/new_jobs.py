"""Makes a job that somebody asks for in the page, by the site's own `frappe.enqueue`: hooks and policies are obeyed.

It runs as the user who asks. One that is to run later is put among RQ's scheduled jobs, and a sweep enqueues it.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import frappe
from frappe.utils import background_jobs

from job_console.bridge.access import console
from job_console.bridge.connection import engine, queue_prefix
from job_console.bridge.policies import policies, signatures
from job_console.engine.errors import BadRequest
from job_console.engine.jobs import new_jobs, state_change
from job_console.engine.jobs.new_jobs import NewJob
from job_console.engine.messages import _
from job_console.engine.models.outcomes import Outcome
from job_console.engine.redis.link import reaching_redis
from job_console.engine.retries import store
from job_console.engine.rq import call as calls
from job_console.engine.rq import enqueueing
from job_console.engine.service import parse_time


def form(method: str = "") -> dict[str, Any]:
    """What may be made, and for one method what it takes and what its last job was given."""
    found: dict[str, Any] = {"methods": _methods(), "lanes": policies.lane_limits(), "method": method}
    if not method or method not in found["methods"]:
        return {**found, "parameters": None, "last": None, "problem": None}
    try:
        parameters, problem = _parameters(signatures.function_of(method)), None
    except BadRequest as error:
        parameters, problem = None, str(error)
    return {**found, "parameters": parameters, "last": _last(method), "problem": problem}


def make(
    method: str, arguments: Mapping[str, Any], queue: str, timeout_s: int | None, at: str | None, reason: str
) -> dict[str, Any]:
    """Answers as `Actions.run`, with one outcome. Raises BadRequest; what Frappe raises when it refuses the job."""
    if not isinstance(arguments, Mapping):
        raise BadRequest(_("arguments must be an object: values by their names."))
    new = NewJob(method, arguments, queue, timeout_s, parse_time(at), reason.strip())
    with reaching_redis():
        now = state_change.server_now(engine().redis)
    new_jobs.check(new, _methods(), policies.lane_limits(), _reserved(), now)
    _check_fits(signatures.function_of(method), new)
    if new.at is not None and not enqueueing.installed():
        raise BadRequest(_("This version of RQ is not known: here a job can only be made to run at once."))
    outcome, lane = _enqueue(new)
    return console().actions.made(new, outcome, lane, _sensitive(new))


def _enqueue(new: NewJob) -> tuple[Outcome, str]:
    """(what came of it, the full name of its lane)."""
    bare_id = str(uuid4())
    job_id = background_jobs.create_job_id(bare_id)
    with enqueueing.put_off(new.at):
        job = frappe.enqueue(
            new.method,
            queue=new.queue or "default",
            timeout=new.timeout_s,
            job_id=bare_id,
            **new.arguments,
        )
    lane = getattr(job, "origin", None) or f"{queue_prefix()}{new.queue or 'default'}"
    if job.id != job_id:
        why = _("Its policy lets it stand in line once, and {job} does already.").format(job=job.id)
        return Outcome(job_id, False, "", "", why, new_job_id=job.id), lane
    if new.at is None:
        return Outcome(job_id, True, "", "queued", new_job_id=job_id), lane
    with reaching_redis():
        store.index(engine().redis, job_id, new.at)
    return Outcome(job_id, True, "", "scheduled", new_job_id=job_id), lane


def _methods() -> list[str]:
    doctypes = set(frappe.get_all("DocType", pluck="name", limit_page_length=0))
    return new_jobs.offered(console().policies.seen_methods(), doctypes)


def _parameters(function: Callable[..., object]) -> list[dict[str, Any]]:
    special = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [
        {
            "name": each.name,
            "required": each.default is each.empty,
            "default": None if each.default is each.empty else repr(each.default),
        }
        for each in inspect.signature(function).parameters.values()
        if each.kind not in special
    ]


def _last(method: str) -> dict[str, Any] | None:
    """The arguments of one of its jobs that is still there, as the page shows them."""
    found = console().jobs.page(method=method, size=5)["jobs"]
    job = next((each for each in found if each["method"] == method), None)
    return job and {"job_id": job["id"], "arguments": job["arguments"]}


def _check_fits(function: Callable[..., object], new: NewJob) -> None:
    try:
        inspect.signature(function).bind(**new.arguments)
    except TypeError as problem:
        raise BadRequest(
            _("{method} does not take these arguments: {problem}.").format(method=new.method, problem=problem)
        ) from None


def _reserved() -> frozenset[str]:
    """The keyword arguments that `frappe.enqueue` of this version does not pass to the method."""
    parameters = inspect.signature(background_jobs.enqueue).parameters.values()
    return frozenset({"async", *(each.name for each in parameters if each.kind is not each.VAR_KEYWORD)})


def _sensitive(new: NewJob) -> tuple[str, ...]:
    wrapper = {"site": frappe.local.site, "method": new.method, "kwargs": dict(new.arguments)}
    policy = policies.here().of(calls.wrapped(wrapper))
    return tuple(policy.sensitive) if policy else ()
