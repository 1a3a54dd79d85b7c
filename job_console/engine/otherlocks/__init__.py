"""What else locks on a bench, read and never touched: Frappe's lock files, its documents', the scheduler's, job ids.

None of them is ours. Each is told as what it is, who has it where that can be known, and how it ends; none is released
from here, and nobody is advised to delete what a living process holds.
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
    return sorted(found, key=lambda lock: ("held", "unknown", "free").index(lock.state))


__all__ = ["BenchFolder", "OtherLock", "find", "wire"]
