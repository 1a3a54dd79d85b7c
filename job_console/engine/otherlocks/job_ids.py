"""Job ids that keep others out: `frappe.enqueue(deduplicate=True)` refuses one whose record says queued or started.

Found among the jobs that a look reads: those that run, that are first in line, and ghosts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..locks import limits as locks_limits
from ..messages import _
from ..models.bench import Bench
from ..models.jobs import Job
from ..scope import Scope
from .models import JOB_ID, OtherLock, Owner

#: What RQ and Frappe make up themselves keeps nobody out.
_MADE_UP = re.compile(r"(.*(\|\||::))?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")


def jobs(bench: Bench) -> list[Job]:
    """Those that a look reads and that have not ended."""
    found = {job.id: job for lane in bench.lanes for job in (*lane.running, *lane.intermediate, *lane.head)}
    found |= {ghost.job.id: ghost.job for ghost in bench.ghosts}
    return [job for job in found.values() if job.status in ("queued", "started")]


def locks(bench: Bench, scope: Scope) -> tuple[list[OtherLock], bool]:
    """(those found, whether there may be more: behind the jobs that a look reads, too)."""
    found = list(_locks(bench, scope))
    deeper = any(
        lane.counts.queued > len(lane.head) + len(lane.orphans) or lane.counts.started > len(lane.running)
        for lane in bench.lanes
    )
    return found[: locks_limits.LOCK_ROWS], deeper or len(found) > locks_limits.LOCK_ROWS


def _locks(bench: Bench, scope: Scope) -> Iterator[OtherLock]:
    ghosts = {ghost.job.id for ghost in bench.ghosts}
    lost = {job_id for job_id, found in bench.lost.items() if found.evidence.get("job_runs") is not True}
    for job in jobs(bench):
        if scope.owns(job) and not _MADE_UP.fullmatch(job.id):
            text = {
                "queued": _(
                    "It waits: another job of this id, enqueued with deduplicate=True, is refused till it ends."
                ),
                "started": _(
                    "It runs: another job of this id, enqueued with deduplicate=True, is refused till it ends."
                ),
            }[job.status]
            if job.id in ghosts:
                text = _(
                    "A ghost: no worker will ever run it, but its record keeps others of its id out. See its warning."
                )
            elif job.id in lost:
                text = _("Lost: nothing runs it, but its record keeps others of its id out. See its warning.")
            since = job.started_at or job.enqueued_at or job.created_at
            state = "orphaned" if job.id in ghosts | lost else "held"
            yield OtherLock(JOB_ID, job.id, state, text, job.site, since, Owner(job_id=job.id))
