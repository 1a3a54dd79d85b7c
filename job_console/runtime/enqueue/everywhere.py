"""Applies policies to jobs that are not enqueued by `job_console.enqueue`, by way of `engine.rq.enqueueing`.

These are Frappe's own `enqueue`, `enqueue_doc` and `queue_action`, ticks of the scheduler, Server Scripts, Background
Tasks, and code that uses RQ directly. `SWITCH`: 0 in the site's configuration turns this off.

It never raises, and never makes an enqueueing fail that would have succeeded: when Redis does not answer, or a lane
takes no job, the job is enqueued as it was asked for. It makes no query to the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import frappe
from rq import Queue
from rq.timeouts import JobTimeoutException

from job_console.bridge import logs
from job_console.bridge.connection import engine, queue_prefix
from job_console.engine.history import hourly
from job_console.engine.models.jobs import Call
from job_console.engine.models.policies import Policy
from job_console.engine.policies import obedience, store
from job_console.engine.redis import keys
from job_console.engine.redis import limits as redis_limits
from job_console.engine.redis.link import Pipeline, Redis, pipelined, reaching_redis
from job_console.engine.rq import call as calls
from job_console.engine.rq import payload
from job_console.engine.rq.enqueueing import Asked, Make, Plan

from .. import traces
from ..transactions import lifecycle, writes
from .apply_policy import PlannedJob

SWITCH = "job_console_policies_everywhere"
#: A process that ends no job and no request (a long command) writes down what came early by so many.
_EARLY_KEPT = 100


@dataclass(frozen=True)
class Decided:
    """Set while `job_console.enqueue` enqueues, which has applied the policy already: the fields that it could
    not obey.
    """

    policy: Policy | None
    missed: frozenset[str] = frozenset()


_decided: ContextVar[Decided | None] = ContextVar("job_console_decided", default=None)
#: Jobs that were enqueued before what they are about was committed, by site and method: sent so, and kept from it.
_early = {hourly.RACES: hourly.Pending(), hourly.PREVENTED: hourly.Pending()}


@contextmanager
def decided(policy: Policy | None, missed: frozenset[str]) -> Iterator[None]:
    token = _decided.set(Decided(policy, missed))
    try:
        yield
    finally:
        _decided.reset(token)


def decide(asked: Asked) -> Plan | None:
    """The plan for a new job; None: it is enqueued as it was asked for."""
    plan = None
    try:
        plan = _decide(asked)
        return _traced(asked, plan)
    except JobTimeoutException:
        raise  # who enqueues is a job itself, and its time has run out
    except Exception:
        _count_failure()
        return plan


def along(queue: Queue) -> int | None:
    """The length of a lane, in one round trip with what `decide` would have to ask a moment later."""
    try:
        site = getattr(frappe.local, "site", None)
        if not site or not engine().policies.asks(site):
            return None
        pipeline = pipelined(queue.connection)
        pipeline.llen(queue.key)
        store.version_of(pipeline, site)
        length, version = pipeline.execute()
        engine().policies.answered(site, version)
    except JobTimeoutException:
        raise
    except Exception:
        return None  # who asks for the length alone says what is wrong
    return length


def write_early(redis: Redis | Pipeline | None = None) -> None:
    """Write what this process has counted, where possible on a pipeline that goes to Redis anyway."""
    for what, counted in _early.items():
        if counted:
            counted.flush(engine().redis if redis is None else redis, what, datetime.now(timezone.utc))


def _decide(asked: Asked) -> Plan | None:
    site, already = getattr(frappe.local, "site", None), _decided.get()
    if already is not None:
        _decided.set(None)  # a job that runs at once, in tests, may enqueue another
    if not site or not asked.queue.is_async:
        return None
    if already is not None:
        return _marked(asked, already) if already.policy else None
    if not frappe.utils.cint(frappe.conf.get(SWITCH, 1)) or not asked.queue.name.startswith(queue_prefix()):
        return None
    with reaching_redis():
        policy_set = engine().policies.known(site)
    if policy_set is None:
        return None  # not a site of ours
    call, wrapper = _called(asked, site)
    policy = policy_set.of(call) if call.site == site else None
    early = _comes_early(asked, wrapper)
    later = early and (policy_set.after_commit or (policy is not None and policy.after_commit))
    if early:
        _count(hourly.PREVENTED if later else hourly.RACES, site, call.method)
    if policy is None and not later:
        return None
    if not _has_app():
        return None
    return PlannedJob(asked, call, obedience.path_of(wrapper), policy, later)


def _traced(asked: Asked, plan: Plan | None) -> Plan | None:
    """Where traces are on: the plan, with a span around the making of the job itself, when that is made."""
    site = getattr(frappe.local, "site", None)
    if not site or traces.spans() is None:
        return plan

    def traced(make: Make) -> Any:
        make = traces.tracing(make, lambda: _called(asked, site)[0])
        return make(asked.queue, asked.arguments) if plan is None else plan(make)

    return traced


def _marked(asked: Asked, already: Decided) -> Plan:
    meta = obedience.mark(asked.arguments.get("meta"), obedience.OURS, already.missed)
    return lambda make: make(asked.queue, {**asked.arguments, "meta": meta})


def _called(asked: Asked, site: str) -> tuple[Call, str | None]:
    """What the job is for, and what Frappe is told to run: None when it is none of Frappe's."""
    kwargs = asked.arguments.get("kwargs") or {}
    if calls.is_wrapped(kwargs):
        wrapper = name_of(kwargs["method"])
        return calls.wrapped({**kwargs, "method": wrapper}), wrapper
    method = name_of(asked.arguments["func"])
    named = {str(number): value for number, value in enumerate(asked.arguments.get("args") or ())}
    user = getattr(frappe.session, "user", None)
    return Call(method, method, "method", site, user, {**named, **kwargs}), None


def name_of(method: object) -> str:
    """As Frappe makes it of a function."""
    if hasattr(method, "__qualname__") and hasattr(method, "__module__"):
        return f"{method.__module__}.{method.__qualname__}"
    return payload.name_of(method)


def _comes_early(asked: Asked, wrapper: str | None) -> bool:
    """Whether a worker may run the job before the transaction that it depends on is committed."""
    db = getattr(frappe.local, "db", None)
    if wrapper is None or db is None or asked.arguments.get("pipeline") is not None:
        return False
    event = lifecycle.lifecycle_event()
    return event is not None and (event in lifecycle.BEFORE or writes.has_written(db))


def _count(what: str, site: str, method: str) -> None:
    _early[what].note(site, method)
    if len(_early[what]) >= _EARLY_KEPT:
        write_early()


def _has_app() -> bool:
    """Whether the site has the app: Redis may still have keys of a dropped site with the same name."""
    return getattr(frappe.local, "db", None) is None or "job_console" in frappe.get_installed_apps()


def _count_failure() -> None:
    with suppress(Exception):
        logs.logger().error("A policy was not asked for; the job is made without.", exc_info=True)
        redis = engine().redis
        redis.incr(keys.HOOK_FAILURES)
        redis.expire(keys.HOOK_FAILURES, redis_limits.HOOK_FAILURES_TTL_S)
