"""The words of findings: names, numbers and durations in one form, as messages (see `messages`)."""

from __future__ import annotations

from datetime import datetime

from .messages import Message, _
from .models.jobs import Job


def duration(seconds: float) -> Message:
    """`42 s`, `12 min`, `3 h 5 min`, `17 h`, `4 d`."""
    if seconds < 120:
        return _("{seconds:.0f} s").format(seconds=seconds)
    minutes = round(seconds / 60)
    if minutes < 120:
        return _("{minutes} min").format(minutes=minutes)
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        if rest and hours < 10:
            return _("{hours} h {minutes} min").format(hours=hours, minutes=rest)
        return _("{hours} h").format(hours=hours)
    return _("{days:,} d").format(days=hours // 24)


def lasted(seconds: float) -> Message:
    """How long something took, also when that was less than a second: `420 ms`."""
    if 0 < seconds < 0.95:
        return _("{milliseconds} ms").format(milliseconds=max(round(seconds * 1000), 1))
    return duration(seconds)


def name(job: Job) -> str:
    """What people call the job: its label, or its id when its payload cannot be read."""
    return job.call.label if job.call.kind != "unreadable" else job.id


def many(count: int, one: Message, more: Message, at_least: bool = False) -> Message:
    """`many(3, _("{count:,} job"), _("{count:,} jobs"))`. `at_least`: not all were counted."""
    counted = (one if count == 1 else more).format(count=count)
    return _("at least {many}").format(many=counted) if at_least else counted


_STATES = {
    "queued": _("queued"),
    "started": _("started"),
    "finished": _("finished"),
    "failed": _("failed"),
    "stopped": _("stopped"),
    "canceled": _("canceled"),
    "deferred": _("deferred"),
    "scheduled": _("scheduled"),
    "created": _("created"),
    "vanished": _("gone"),
    "missing": _("gone"),
}


def state(status: str) -> str:
    """A job's state in a sentence."""
    return _STATES.get(status, status)


def nothing_runs(status: str) -> Message:
    return _("It is {state}: nothing runs.").format(state=state(status))


def iso(moment: datetime | None) -> str | None:
    """For evidence."""
    return moment.isoformat() if moment else None


def ordinal(number: int) -> Message:
    """`1st`, `2nd`, `12th`."""
    last = number % 100
    if 10 < last < 14 or last % 10 not in (1, 2, 3):
        return _("{number:,}th").format(number=number)
    endings = (_("{number:,}st"), _("{number:,}nd"), _("{number:,}rd"))
    return endings[last % 10 - 1].format(number=number)
