"""The words of findings: names and durations in one form."""

from __future__ import annotations

from datetime import datetime

from .models.jobs import Job


def duration(seconds: float) -> str:
    """`42 s`, `12 min`, `3 h 5 min`, `17 h`, `4 d`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"
    return f"{hours // 24} d"


def lasted(seconds: float) -> str:
    """How long something took, also when that was less than a second: `420 ms`."""
    return f"{max(round(seconds * 1000), 1)} ms" if 0 < seconds < 0.95 else duration(seconds)


def name(job: Job) -> str:
    """What people call the job: its label, or its id when its payload cannot be read."""
    return job.call.label if job.call.kind != "unreadable" else job.id


def many(count: int, one: str, more: str | None = None, at_least: bool = False) -> str:
    """`at_least`: not all were counted."""
    return f"{'at least ' if at_least else ''}{count:,} {one if count == 1 else more or one + 's'}"


def iso(moment: datetime | None) -> str | None:
    """For evidence."""
    return moment.isoformat() if moment else None


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `12th`."""
    last = number % 100
    ending = "th" if 10 < last < 14 else {1: "st", 2: "nd", 3: "rd"}.get(last % 10, "th")
    return f"{number:,}{ending}"
