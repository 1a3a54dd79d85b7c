"""The log of how the runs of a site's schedules ended.

Frappe logs some schedules only, and RQ keeps the record of a run for ten minutes. So each run writes how it ended
(`runtime.run.outcome`); for a run that was killed the site does, when it next publishes its schedules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..redis import keys
from ..redis.link import Pipeline, Redis, script
from ..rq.records import text
from . import limits

#: One letter each. `skipped`: the run was due, and its policy skipped it.
OUTCOMES = {"finished": "k", "failed": "f", "timed_out": "t", "killed": "x", "skipped": "s"}
_NAMES = {letter: name for name, letter in OUTCOMES.items()}


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of a schedule."""

    started_at: datetime
    #: None: it was killed before it could record that.
    run_s: float | None
    outcome: str  # see OUTCOMES


def record(redis: Redis | Pipeline, site: str, runs: Iterable[tuple[str, Ran]]) -> None:
    """Write runs, each with the job id of its schedule. One script call."""
    reported = [part for job_id, run in runs for part in (job_id, _start(run), _item(run))]
    bounds = (limits.SCHEDULE_RUNS, limits.SCHEDULE_RUNS_OF, limits.SCHEDULE_RUNS_TTL_S)
    redis.eval(script("schedule_ran"), 1, keys.schedule_runs(site), *bounds, *reported)


def read(answer: Mapping[Any, Any]) -> dict[str, tuple[Ran, ...]]:
    """Read the answer of HGETALL: runs by the job id of the schedule, oldest first. Entries that are not ours are
    skipped.
    """
    return {text(job_id) or "": tuple(_runs(text(row) or "")) for job_id, row in answer.items()}


def _start(run: Ran) -> str:
    return f"{run.started_at.timestamp():.3f}"


def _item(run: Ran) -> str:
    lasted = "" if run.run_s is None else str(round(run.run_s * 1000))
    return f"{_start(run)},{lasted},{OUTCOMES[run.outcome]}"


def _runs(row: str) -> Iterable[Ran]:
    for item in row.split(";"):
        run = _run(item)
        if run is not None:
            yield run


def _run(item: str) -> Ran | None:
    """None: not one of ours."""
    try:
        start, lasted, letter = item.split(",")
        started_at = datetime.fromtimestamp(float(start), timezone.utc)
        return Ran(started_at, int(lasted) / 1000 if lasted else None, _NAMES[letter])
    except (ValueError, KeyError, OverflowError, OSError):
        return None
