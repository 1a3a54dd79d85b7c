"""What `job_console.enqueue` returns."""

from time import monotonic
from typing import Any

import frappe
from frappe.utils.background_jobs import get_redis_conn
from rq.job import Job

from job_console.bridge.connection import engine
from job_console.engine.errors import BadRequest
from job_console.engine.locks import limits as locks_limits
from job_console.engine.redis import keys
from job_console.engine.redis.link import reaching_redis
from job_console.engine.rq.records import text
from job_console.engine.service import Viewer

#: States in which nothing more happens to a job by itself.
ENDED = frozenset(("finished", "failed", "stopped", "canceled", "refused", "gone"))


class Enqueued:
    """A job as its caller sees it. False when it was refused as a duplicate. What RQ's Job has, this has too."""

    def __init__(self, job_id: str, method: str) -> None:
        self.id = job_id
        self.method = method
        #: The job that waited or ran under the same key.
        self.duplicate_of: str | None = None
        self.enqueued = False

    def __bool__(self) -> bool:
        return self.duplicate_of is None

    def __repr__(self) -> str:
        return f"<Enqueued {self.method} {self.id}>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(Job.fetch(self.id, connection=get_redis_conn()), name)

    @property
    def status(self) -> str:
        """As RQ calls it; or `refused`, `uncommitted` (enqueued when the transaction is committed), `gone`."""
        if self.duplicate_of is not None:
            return "refused"
        if not self.enqueued:
            return "uncommitted"
        with reaching_redis():
            return text(engine().redis.hget(keys.job(self.id), "status")) or "gone"

    def explain(self) -> list[str]:
        """Why it is where it is, the most immediate cause first."""
        if self.status == "uncommitted":
            return ["It is enqueued when the transaction is committed."]
        viewer = Viewer(frappe.session.user, frappe.local.site)
        return engine().console(viewer).jobs.explain(self.id)["because"]

    def wait(self, timeout: float = 60.0) -> str:
        """Wait until the job has ended, or for `timeout` seconds; returns its status. Polls seldom: an outcome
        wakes it.
        """
        redis, outcomes, until = engine().redis, keys.results(self.id), monotonic() + timeout
        while True:
            with reaching_redis():
                newest = redis.xrevrange(outcomes, count=1)
            behind = newest[0][0] if newest else None
            status, left = self.status, until - monotonic()
            if status == "uncommitted":
                raise BadRequest("Commit first: the job is enqueued when the transaction is committed.")
            if status in ENDED or left <= 0:
                return status
            nap_ms = max(int(min(left, locks_limits.LOCK_NAP_S) * 1000), 1)
            with reaching_redis():
                redis.xread({outcomes: behind or "0-0"}, count=1, block=nap_ms)
