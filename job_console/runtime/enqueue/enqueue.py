"""`job_console.enqueue`: as `frappe.enqueue`, with the policy of what is enqueued.

    job = job_console.enqueue("shop.sync", customer="C-1")
    if not job:
        print("refused as a duplicate of", job.duplicate_of)
    job.status; job.explain(); job.wait(30)

What each way to enqueue gets is in docs/policies.md.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

import frappe
from frappe.utils import background_jobs

from job_console.bridge import versions
from job_console.bridge.connection import engine
from job_console.bridge.policies import policies
from job_console.engine.errors import RedisUnavailable
from job_console.engine.models.jobs import Call
from job_console.engine.models.policies import Policy
from job_console.engine.policies import templates, unique
from job_console.engine.rq import call as calls

from ..transactions.lifecycle import lifecycle_event
from . import everywhere
from .handle import Enqueued


def enqueue(
    method: str | Callable[..., Any],
    queue: str | None = None,
    timeout: int | None = None,
    event: str | None = None,
    is_async: bool = True,
    job_name: str | None = None,
    now: bool = False,
    enqueue_after_commit: bool | None = None,
    *,
    job_id: str | None = None,
    deduplicate: bool = False,
    **kwargs: Any,
) -> Any:
    """Enqueue `method` as its policy says. Arguments are those of `frappe.enqueue`; others go to the method.

    queue, timeout: the policy's take precedence.
    enqueue_after_commit: by default true inside a document's lifecycle.
    job_id, deduplicate: as Frappe's, but two processes that enqueue at the same moment make one job, and a job that was
    lost does not block its id.

    Returns an `Enqueued`; what `now=True` returns is the method's own result.
    """
    is_async = kwargs.pop("async", is_async)
    given = {"event": event, "is_async": is_async, "job_name": job_name, **kwargs}
    if now or (not is_async and not versions.in_test()):
        return frappe.enqueue(method, now=now, **given)
    asked = _call(method, kwargs)
    policy = _policy(asked)
    request = _Request(method, asked, given, job_id or str(uuid4()), policy)
    request.options["queue"] = _queue(policy, queue)
    request.options["timeout"] = int(policy.timeout_s) if policy and policy.timeout_s else timeout
    if deduplicate and job_id:
        request.key, request.reuse = f"id:{job_id}", True
    elif policy and policy.key:
        request.key = templates.of_call(policy.key, policy, asked)
    if enqueue_after_commit is None:
        enqueue_after_commit = lifecycle_event() is not None
    if enqueue_after_commit:
        frappe.db.after_commit.add(request.fulfil)
    else:
        request.fulfil()
    return request.handle


@dataclass
class _Request:
    """A job that is to be enqueued, now or after the commit."""

    method: str | Callable[..., Any]
    call: Call
    options: dict[str, Any]
    bare_id: str
    policy: Policy | None
    key: str | None = None
    reuse: bool = False
    #: What of its policy could not be obeyed.
    missed: set[str] = field(default_factory=set)
    handle: Enqueued = field(init=False)

    def __post_init__(self) -> None:
        self.handle = Enqueued(background_jobs.create_job_id(self.bare_id), self.call.method)

    def fulfil(self) -> None:
        """Enqueue the job as the user who asked for it, who may not be the session's user any more after the commit."""
        if self.key is not None and not self._claim(self.key):
            return
        present, frappe.session.user = frappe.session.user, self.call.user
        try:
            with everywhere.decided(self.policy, frozenset(self.missed)):
                frappe.enqueue(self.method, job_id=self.bare_id, **self.options)
        except BaseException:
            if self.key is not None:
                unique.give_back(engine().redis, self.call.site or frappe.local.site, self.key, self.handle.id)
            raise
        finally:
            frappe.session.user = present
        self.handle.enqueued = True

    def _claim(self, key: str) -> bool:
        try:
            self.handle.duplicate_of = unique.claim(
                engine().redis, self.call, key, self.handle.id, self.options["queue"], self.reuse
            )
        except RedisUnavailable:
            self.missed.add("key")
            return True  # as in `_policy`
        return self.handle.duplicate_of is None


def _call(method: str | Callable[..., Any], kwargs: Mapping[str, Any]) -> Call:
    name = method if isinstance(method, str) else f"{method.__module__}.{method.__qualname__}"
    arguments = {each: value for each, value in kwargs.items() if each not in _options()}
    wrapper = {"site": frappe.local.site, "user": frappe.session.user, "method": name, "kwargs": arguments}
    return calls.wrapped(wrapper)


@cache
def _options() -> frozenset[str]:
    """The keyword arguments that `frappe.enqueue` of this version does not pass to the method."""
    parameters = inspect.signature(background_jobs.enqueue).parameters.values()
    return frozenset(each.name for each in parameters if each.kind is not each.VAR_KEYWORD)


def _policy(asked: Call) -> Policy | None:
    """The policy; None also when Redis does not answer: then Frappe raises, or runs the method at once (migrations)."""
    try:
        return policies.here().of(asked)
    except RedisUnavailable:
        return None


def _queue(policy: Policy | None, wanted: str | None) -> str:
    """The policy's lane, unless the bench does not have it any more; otherwise the asked one."""
    if policy and policy.queue and policy.queue in policies.lane_limits():
        return policy.queue
    return wanted or "default"
