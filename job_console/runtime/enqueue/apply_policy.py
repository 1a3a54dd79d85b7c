"""A new job is enqueued as its policy says, whoever asked for it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

import frappe
from frappe.utils.background_jobs import create_job_id, get_queue
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.timeouts import JobTimeoutException

from job_console.bridge import logs
from job_console.bridge.connection import engine, enqueue_limit, queue_prefix
from job_console.bridge.policies import policies
from job_console.engine.models.jobs import Call
from job_console.engine.models.policies import Policy
from job_console.engine.policies import obedience, templates, unique
from job_console.engine.rq.enqueueing import Asked, Make


@dataclass
class PlannedJob:
    """The plan of one job: called with RQ's own way to make it."""

    asked: Asked
    call: Call
    path: str
    #: None: only the site has something to say, that it waits for the commit.
    policy: Policy | None
    after_commit: bool
    missed: set[str] = field(default_factory=set)

    def __call__(self, make: Make) -> Any:
        """RQ's job, as its caller expects it; one that waits for the commit has its id, and no state yet."""
        arguments = dict(self.asked.arguments)
        arguments["job_id"] = job_id = arguments.get("job_id") or create_job_id(str(uuid4()))
        if not self.after_commit:
            return self._make(make, arguments)
        frappe.db.after_commit.add(lambda: self._make(make, arguments))
        return Job(job_id, connection=self.asked.queue.connection)

    def _make(self, make: Make, arguments: dict[str, Any]) -> Any:
        policy = self.policy
        if policy is None:
            return make(self.asked.queue, arguments)
        key, job_id = self._key(policy), arguments["job_id"]
        queue = _or(self.asked.queue, lambda: self._queue(policy))
        if (holder := self._holder(key, job_id, queue)) is not None:
            return _standing(holder, queue)
        try:
            job = make(queue, self._ordered(policy, queue, arguments))
        except BaseException:
            if key is not None:
                _or(None, lambda: unique.give_back(engine().redis, self.call.site or "", key, job_id))
            raise
        if self.path == obedience.RQ:
            _or(None, lambda: self._count(policy))  # no hook of ours will run in it
        return job

    def _ordered(self, policy: Policy, queue: Queue, arguments: Mapping[str, Any]) -> dict[str, Any]:
        meta = obedience.mark(arguments.get("meta"), self.path, self.missed)
        return {**arguments, "timeout": self._timeout(policy, queue, arguments.get("timeout")), "meta": meta}

    def _queue(self, policy: Policy) -> Queue:
        """The policy's lane, unless the bench has it no more, or Frappe would refuse jobs in it: then the asked one."""
        asked = self.asked.queue
        if not policy.queue or _lane(asked) == policy.queue:
            return asked
        if policy.queue in policies.lane_limits():
            queue, limit = get_queue(policy.queue), enqueue_limit()
            if limit is None or queue.count < limit:
                return queue
        self.missed.add("queue")
        return asked

    def _timeout(self, policy: Policy, queue: Queue, asked_s: Any) -> Any:
        """The policy's timeout, or the caller's. The default of the asked lane becomes that of the policy's lane."""
        if policy.timeout_s:
            return int(policy.timeout_s)
        lanes = policies.lane_limits()
        if queue is not self.asked.queue and asked_s == lanes.get(_lane(self.asked.queue)):
            return int(lanes[_lane(queue)])
        return asked_s

    def _key(self, policy: Policy) -> str | None:
        template = policy.key
        if not template or "key" in obedience.NEVER.get(self.path, ()):
            return None
        return _or(None, lambda: templates.of_call(template, policy, self.call))

    def _holder(self, key: str | None, job_id: str, queue: Queue) -> str | None:
        """The id of the job that has the unique key already; None: the new job has it."""
        if key is None:
            return None
        claimed, holder = _or((False, None), lambda: (True, self._claim(key, job_id, queue)))
        if not claimed:
            self.missed.add("key")
        if holder is not None and self.path == "queue_action":
            _or(None, self._unlock)
        return holder

    def _claim(self, key: str, job_id: str, queue: Queue) -> str | None:
        return unique.claim(engine().redis, self.call, key, job_id, _lane(queue))

    def _unlock(self) -> None:
        """Frappe has locked the document until its action runs, and this one will not."""
        if self.call.document is not None:
            frappe.get_doc(*self.call.document).unlock()

    def _count(self, policy: Policy) -> None:
        missed = dict.fromkeys(self.missed | obedience.never(policy, self.path), 1)
        obeyed = obedience.Obeyed(self.path, 1, missed)
        obedience.count(engine().redis, self.call.site or "", policy, obeyed, datetime.now(timezone.utc))


def _lane(queue: Queue) -> str:
    return queue.name.removeprefix(queue_prefix())


def _standing(job_id: str, queue: Queue) -> Job:
    """The existing job that is returned to the caller in place of a new one."""
    with suppress(NoSuchJobError):
        return Job.fetch(job_id, connection=queue.connection)
    return Job(job_id, connection=queue.connection)  # it is being enqueued at this moment


def _or(otherwise: Any, do: Callable[[], Any]) -> Any:
    """Call `do`; return `otherwise` when it fails, since no failure in here may keep a job from being enqueued."""
    try:
        return do()
    except JobTimeoutException:
        raise  # who enqueues is a job itself, and its time has run out
    except Exception:
        logs.logger().error("A policy was not obeyed in all; the job is made.", exc_info=True)
        return otherwise
