"""Every error the engine raises.

    JobConsoleError
    ├── BadRequest          the caller's words make no sense (unknown action, queue, page …)
    ├── Forbidden           this actor may not do that, or not to that job
    ├── NoSuchJob           no record of that id (also: a job of a site that the caller may not see)
    ├── NoSuchWarning       nothing is wrong any more that has that id
    ├── NoSuchGroup         no failure that the viewer may see has that fingerprint any more
    ├── LockError
    │   ├── LockTimeout     waited for a lock as long as was allowed: `holders` says who has it
    │   ├── LockLost        what was held is held no more: the lease ran out, or an operator released it
    │   ├── LockMoved       it was given back, or went to somebody else, before it could be released or extended
    │   └── NoSuchLock      nobody holds a lock of that name (also: one of a site that the caller may not see)
    └── RedisUnavailable    Redis cannot be reached, or turns us away

What an action could not do to a job is no exception but an `Outcome`: others in the same request may go well.
redis and rq errors are translated in `link.reaching_redis` and nowhere else.
"""

from __future__ import annotations

from typing import Any

from .messages import _


class JobConsoleError(Exception):
    """Base of all errors that Job Console raises on purpose; its message is fit for people."""


class BadRequest(JobConsoleError):
    pass


class Forbidden(JobConsoleError):
    pass


class NoSuchJob(JobConsoleError):
    def __init__(self, job_id: str, why: str = _("it never existed, or its record has expired.")) -> None:
        super().__init__(_("There is no job {job_id!r}: {why}").format(job_id=job_id, why=why))
        self.job_id = job_id


class NoSuchWarning(JobConsoleError):
    def __init__(self, warning: str) -> None:
        super().__init__(
            _("There is no warning {warning!r} now: what it was about has ended, or somebody mended it.").format(
                warning=warning
            )
        )
        self.warning = warning


class NoSuchGroup(JobConsoleError):
    def __init__(self, group: str) -> None:
        super().__init__(
            _("There is no group {group!r} of failures now: its jobs were retried or deleted, or expired.").format(
                group=group
            )
        )
        self.group = group


class LockError(JobConsoleError):
    def __init__(self, message: str, key: str) -> None:
        super().__init__(message)
        self.key = key


class LockTimeout(LockError):
    """`holders` are `models.LockHolder`s: who has it, and since when."""

    def __init__(self, message: str, key: str, waited_s: float = 0.0, holders: tuple[Any, ...] = ()) -> None:
        super().__init__(message, key)
        self.waited_s = waited_s
        self.holders = holders


class LockLost(LockError):
    def __init__(self, message: str, key: str, token: int) -> None:
        super().__init__(message, key)
        self.token = token


class LockMoved(LockError):
    def __init__(self, key: str) -> None:
        super().__init__(
            _("Whoever had the lock {key!r} has given it back meanwhile. Nothing was done.").format(key=key), key
        )


class NoSuchLock(LockError):
    def __init__(self, key: str) -> None:
        super().__init__(_("Nobody holds a lock {key!r}.").format(key=key), key)


class RedisUnavailable(JobConsoleError):
    pass
