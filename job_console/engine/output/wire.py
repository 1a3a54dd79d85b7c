"""What a job has printed to JSON, with its secrets hidden, and in words what that is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from ..messages import Instant, Message, _
from ..models.jobs import Job
from ..models.output import Entry, Log
from . import entries, limits

Json = dict[str, Any]
#: Hides what is secret in a text, which is cut at so many characters.
Hide = Callable[[str, int], str]
#: Clocks of two hosts: what began so much earlier is still this run.
_SAME_RUN = timedelta(seconds=1)


def log(job: Job, found: Log | None, hide: Hide) -> Json:
    running = job.status == "started"
    return {
        "job_id": job.id,
        "status": job.status,
        "running": running,
        "begun_at": _time(found.begun) if found else None,
        "bytes": found.written if found else 0,
        "lost_bytes": found.lost if found else 0,
        "notes": _notes(job, found, running),
        "entries": [_entry(each, hide) for each in found.entries] if found else [],
    }


def _entry(entry: Entry, hide: Hide) -> Json:
    return {
        "at": _time(entry.at),
        "level": entry.level.lower(),
        "source": entry.source,
        "text": hide(entries.shown(entry.text), limits.KEPT_BYTES),
    }


def _notes(job: Job, found: Log | None, running: bool) -> list[str]:
    if found is None:
        return [_nothing(job)]
    said: list[Message] = []
    if found.begun and job.started_at and found.begun < job.started_at - _SAME_RUN:
        said.append(_("This is of an earlier run, which began at {moment}.").format(moment=Instant(found.begun)))
    elif found.died or not (found.whole or running):
        said.append(_("Its process did not come to the end of the job: this is what it had printed up to its death."))
    if found.lost:
        said.append(_("The first {size} kB were cut.").format(size=-(-found.lost // 1024)))
    return [*said]


def _nothing(job: Job) -> Message:
    if job.status == "started":
        return _("It has printed and logged nothing up to now.")
    if job.started_at is None:
        return _("It has not begun.")
    return _("It has printed and logged nothing, or that is not kept any more.")


def _time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
