"""What else locks on a bench: Frappe's lock files, its documents' locks, the scheduler's, job ids that deduplicate.
Offers `find`, which reads them, says of each who holds it where that can be known and how it ends, and changes nothing.
May import `locks`, `scope` and `models`.
"""

from __future__ import annotations

from datetime import datetime

from ..models.bench import Bench
from ..scope import Scope
from . import job_ids
from .files import BenchFolder
from .models import OtherLock, wire


def find(
    bench: Bench, folder: BenchFolder | None, scope: Scope, idle: bool, now: datetime
) -> tuple[list[OtherLock], bool]:
    """(as one viewer may see them, with `idle` those, too, that stand in nobody's way; whether there may be more).

    `folder`: the bench's, if any.
    """
    mine = [job for job in job_ids.jobs(bench) if scope.owns(job)]
    files, more_files = folder.locks(scope.site, mine, now) if folder else ([], False)
    ids, more_ids = job_ids.locks(bench, scope)
    found = [lock for lock in (*files, *ids) if idle or lock.state != "free"]
    in_order = sorted(found, key=lambda lock: ("orphaned", "held", "unknown", "free").index(lock.state))
    return in_order, more_files or more_ids


__all__ = ["BenchFolder", "OtherLock", "find", "wire"]
