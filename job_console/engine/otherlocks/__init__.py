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


def find(bench: Bench, folder: BenchFolder | None, scope: Scope, idle: bool, now: datetime) -> list[OtherLock]:
    """As one viewer may see them; with `idle` those, too, that stand in nobody's way. `folder`: the bench's, if any."""
    mine = [job for job in job_ids.jobs(bench) if scope.owns(job)]
    files = folder.locks(scope.site, mine, now) if folder else []
    found = [lock for lock in (*files, *job_ids.locks(bench, scope)) if idle or lock.state != "free"]
    return sorted(found, key=lambda lock: ("orphaned", "held", "unknown", "free").index(lock.state))


__all__ = ["BenchFolder", "OtherLock", "find", "wire"]
