"""The clock of a test's jobs: moved ahead, what waits becomes due.

Redis and the database go by their own clocks, so what waits is made older instead: retries, jobs that were enqueued for
later, and for a tick of the scheduler the last runs of schedules. The time that code reads is not changed: Frappe's
`freeze_time` does that.
"""

from collections.abc import Collection
from datetime import datetime, timedelta, timezone
from typing import Any

import frappe
from frappe.utils import now_datetime
from rq import Queue
from rq.job import Job

from job_console.bridge.schedule.schedule import RECORD
from job_console.engine.redis import keys
from job_console.engine.redis.link import Redis
from job_console.engine.retries import store as retries
from job_console.engine.rq import call as calls

#: More than one look takes.
_ALL = 10_000


class Clock:
    def __init__(self) -> None:
        #: How far the test's time is ahead.
        self.ahead = timedelta()

    def move(self, step: timedelta, redis: Redis) -> None:
        if step < timedelta():
            raise ValueError("Time does not run backwards.")
        self.ahead += step
        for name in (keys.RETRIES, *(_scheduled(queue) for queue in Queue.all(connection=redis))):
            members: Any = redis.zrange(name, 0, -1)
            for member in members:
                redis.zincrby(name, -step.total_seconds(), member)

    def move_due(self, redis: Redis) -> None:
        """Put what is due into its lane: retries as production does, what was enqueued for later as RQ's scheduler."""
        now = datetime.now(timezone.utc)
        retries.move_due(redis, now, _ALL)
        for queue in Queue.all(connection=redis):
            members: Any = redis.zrangebyscore(_scheduled(queue), 0, now.timestamp())
            for job_id in (member.decode() for member in members):
                if redis.zscore(keys.RETRIES, job_id) is None:
                    redis.zrem(_scheduled(queue), job_id)
                    queue.enqueue_job(Job.fetch(job_id, connection=redis))

    def tick(self, methods: Collection[str]) -> None:
        filters: dict[str, Any] = {"stopped": 0}
        if methods:
            filters["method"] = ("in", list(methods))
        for name in frappe.get_all(RECORD, filters=filters, pluck="name", order_by="name asc"):
            record = frappe.get_doc(RECORD, name)
            if record.is_event_due(now_datetime() + self.ahead):
                record.enqueue(force=True)

    def correct(self, job: Job) -> None:
        """A schedule has run at the time of the test, and not at the one that Frappe has written."""
        if not self.ahead or not calls.is_wrapped(job.kwargs or {}):
            return
        call = calls.wrapped({**job.kwargs, "method": str(job.kwargs["method"])})
        if call.kind == "scheduled":
            record = call.scheduled_job or frappe.db.exists(RECORD, {"method": call.method})  # 15 names the method only
            at = now_datetime() + self.ahead
            frappe.db.set_value(RECORD, record, "last_execution", at, update_modified=False)


def _scheduled(queue: Queue) -> str:
    return keys.registry("scheduled", queue.name)
