"""The last sample of a process that was killed: where it was, and how much memory it had, like a flight recorder.

A job that ends by itself deletes its sample (`serving.withdraw`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ..messages import _, joined
from ..models.stacks import Sample, Seen
from ..redis import keys
from ..redis.link import Redis
from ..wording import duration
from . import code_lines


def read(redis: Redis, runs: Sequence[tuple[str, datetime | None]]) -> list[Seen | None]:
    """The last sample of each run, given as (job id, start of the run). One round trip, none for no runs."""
    if not runs:
        return []
    notes: Any = redis.mget([keys.last_seen(job_id) for job_id, _started_at in runs])
    return [_of_run(note, started_at) for note, (_job_id, started_at) in zip(notes, runs, strict=True)]


def note(seen: Seen, armed_at: float) -> str:
    return json.dumps({"armed_at": armed_at, **seen.plain()})


def words(seen: Seen, ended_at: datetime | None) -> str:
    """`4 s before its end it held 1.9 GB of memory, 2.0 GB at most, and was at stock.py:88 (pull).`

    Of a stack that is older than that: `…, and 31 s before its end it was at stock.py:88 (pull).`
    """
    after, process = seen.after, seen.after.process
    held = {"size": _size(process.rss_bytes), "most": _size(process.peak_bytes)}
    if ended_at:
        text = _("{before} before its end it held {size} of memory, {most} at most")
        held["before"] = _before(ended_at, after.at)
    else:
        text = _("When it was last seen it held {size} of memory, {most} at most")
    where = _was(after, ended_at)
    what = _("{held}, and {was}.") if where else _("{held}.")
    oom = _("The kernel killed for want of memory on its host at that moment.") if seen.out_of_memory else ""
    return joined((what.format(held=text.format(**held), was=where), oom))


def _was(after: Sample, ended_at: datetime | None) -> str:
    found = code_lines.place(after.main) if after.main else None
    if found is None:
        return ""
    place = code_lines.words(found)
    if after.stacks_at is None:
        return _("was at {place}").format(place=place)
    if ended_at:
        before = _before(ended_at, after.stacks_at)
        return _("{before} before its end it was at {place}").format(before=before, place=place)
    earlier = duration(after.at - after.stacks_at)
    return _("{duration} before that it was at {place}").format(duration=earlier, place=place)


def _before(ended_at: datetime, at: float) -> str:
    return duration(max(ended_at.timestamp() - at, 0.0))


def _of_run(note: Any, started_at: datetime | None) -> Seen | None:
    """The sample, if it is of the run that started at `started_at`. One that is more than a second older (clocks of two
    hosts) is of an earlier run of the same job.
    """
    try:
        plain = json.loads(note or b"null")
        begun = started_at.timestamp() - 1 if started_at else 0.0
        return Seen.from_plain(plain) if plain and float(plain["armed_at"]) >= begun else None
    except (ValueError, TypeError, KeyError):
        return None


def _size(count: int) -> str:
    return (
        _("{count:.1f} GB").format(count=count / 1e9) if count >= 1e9 else _("{count:.0f} MB").format(count=count / 1e6)
    )
