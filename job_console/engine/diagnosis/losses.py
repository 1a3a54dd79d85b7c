"""What is lost is marked wherever it is shown: on its row, in its details, by the actions that it offers. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ..jobs import actions
from ..models.bench import Losses
from ..models.jobs import Job
from ..models.warnings import Warning

#: Findings about one job that nothing runs, or will ever run.
_CODES = ("worker_lost", "ghost_started", "ghost_queued", "in_limbo")


def of(warnings: Iterable[Warning]) -> dict[str, Warning]:
    """Of proven warnings, by job: a row must not call a race a loss. Also of a run that another worker took over while
    the first one goes on: it is not lost, and its row says so, too."""
    return {each.job_id: each for each in warnings if each.job_id and (each.code in _CODES or _taken_over(each))}


def _taken_over(found: Warning) -> bool:
    return found.code == "duplicated" and found.evidence.get("job_runs") is True


def about(job: Job, lost: Losses) -> Warning | None:
    """What was found of this run. The row is of another moment: what has another state or worker by now is well."""
    found = lost.get(job.id)
    return found if found and job.status in ("started", "queued") and found.worker == job.worker else None


def is_lost(found: Warning | None) -> bool:
    """False also of one whose worker alone is gone: its own process goes on."""
    return found is not None and found.evidence.get("job_runs") is not True


def offered(job: Job, found: Warning | None) -> list[str]:
    """Nobody stops, pauses or cancels what does not run or wait: the remedies instead."""
    usual = actions.offered(job)
    if found is None or _taken_over(found):
        return usual
    remedies = [remedy.action for remedy in found.remedies if not remedy.needs_site]
    return [*remedies, *(action for action in usual if action == "delete")]
