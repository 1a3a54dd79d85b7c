"""`scheduler_down`: the site's scheduler is off, paused, or has not ticked.

Frappe says whether it is on, and why not; that nothing ticks although it is on shows when the last tick is older than a
few ticks. Several schedules will be late then: that is one cause, and this the one warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Bench, Schedule, Warning
from .schedules import grace_s, late
from .words import duration, iso, many


def detect(bench: Bench) -> Iterator[Warning]:
    schedule = bench.schedule
    reason = why_down(bench, schedule) if schedule else ""
    if schedule is None or not reason:
        return
    overdue = len(late(bench, schedule))
    yield Warning(
        code="scheduler_down",
        severity="critical",
        site=schedule.site,
        since=schedule.ticked_at,
        message=f"Nothing scheduled runs on {schedule.site}: {reason}.{_overdue(overdue)}",
        evidence={
            "site": schedule.site,
            "reason": reason,
            "ticked_at": iso(schedule.ticked_at),
            "tick_s": schedule.tick_s,
            "overdue": overdue,
        },
    )


def why_down(bench: Bench, schedule: Schedule) -> str:
    """In words; "" when it runs, as far as is known."""
    if not schedule.running:
        return schedule.reason or "its scheduler is off"
    if schedule.ticked_at is None:
        return ""
    silent = (bench.at - schedule.ticked_at).total_seconds()
    if silent <= grace_s(schedule):
        return ""
    return f"its scheduler has not ticked for {duration(silent)}, it should every {duration(schedule.tick_s)}"


def _overdue(count: int) -> str:
    return f" {many(count, 'schedule is', 'schedules are')} overdue." if count else ""
