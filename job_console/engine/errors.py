"""Every error the engine raises.

    JobConsoleError
    ├── BadRequest          the caller's words make no sense (unknown action, queue, page …)
    ├── Forbidden           this actor may not do that, or not to that job
    ├── NoSuchJob           no record of that id (also: a job of a site that the caller may not see)
    └── RedisUnavailable    Redis cannot be reached, or turns us away

What an action could not do to a job is no exception but an `Outcome`: others in the same request may go well.
redis and rq errors are translated in `link.reaching_redis` and nowhere else.
"""

from __future__ import annotations


class JobConsoleError(Exception):
    """Base of all errors that Job Console raises on purpose; its message is fit for people."""


class BadRequest(JobConsoleError):
    pass


class Forbidden(JobConsoleError):
    pass


class NoSuchJob(JobConsoleError):
    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no job {job_id!r}: it never existed, or its record has expired.")
        self.job_id = job_id


class RedisUnavailable(JobConsoleError):
    pass
