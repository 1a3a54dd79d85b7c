"""A site's schedule as its framework knows it. Times are aware UTC datetimes, durations seconds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from ..messages import pack, unpack


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of the scheduler's lock on one host."""

    host: str
    #: When it was last seen held there, and when first not any more (None: it was held the last time).
    held_at: datetime
    gone_at: datetime | None
    #: When somebody last looked.
    seen_at: datetime
    #: Since when it has been held, but for gaps that a restart makes.
    since: datetime | None = None
    #: When no process was seen there last that could be about to take it. None: one was, or nobody has looked for one.
    nobody_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """One scheduled job."""

    record: str
    method: str
    cron: str
    queue: str
    stopped: bool = False
    last_at: datetime | None = None
    #: When it is, or was, due next after its last run. None: never, or its cron expression cannot be read.
    due_at: datetime | None = None
    #: What is wrong with its cron expression, in words.
    problem: str | None = None
    #: What its app declares, where people have moved it.
    declared: str | None = None
    #: The id that its runs have: that is its deduplication. Those beside another one add to it: see `due.run_ids`.
    job_id: str = ""
    #: What the records of its runs say now (see `readiness.together`); None: there is no record.
    job_status: str | None = None
    #: Since when the next tick ought to enqueue it: it is due, its scheduler is on, and no run of its own is in its
    #: way. None: nothing is expected of the next tick.
    ready_since: datetime | None = None
    #: The date that its next run is counted from, where that lies in the future (a clock that was wrong, a time zone
    #: that was set afterwards) and keeps it from running; and what that is of: `last run`, `creation`.
    future_at: datetime | None = None
    future_of: str | None = None
    #: Runs that it is to have besides: see `pending_runs`.
    owed: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is known of one site's schedule."""

    site: str
    #: The site lets its scheduler run; whether it does is another question.
    running: bool
    #: Why it does not, in words: "it is switched off in System Settings".
    reason: str | None = None
    #: The same as a word: `maintenance`, `paused`, `disabled`, `switched_off`, `dormant`.
    off: str | None = None
    #: Its scheduler publishes its ticks itself (`tickers`). Else a run that was enqueued is taken for a sign of it,
    #: also one that somebody asked for.
    tells_ticks: bool = False
    #: When the scheduler came by last, as far as is known.
    ticked_at: datetime | None = None
    tick_s: float = 240.0
    zone: str = "UTC"
    #: Whether a process holds the scheduler's lock on `host`. None: nobody can tell there.
    process: bool | None = None
    host: str | None = None
    #: The schedulers that tick again and again, "HOST (process PID)". There should be one.
    tickers: tuple[str, ...] = ()
    #: When all this was read.
    read_at: datetime | None = None
    entries: tuple[ScheduleEntry, ...] = ()
    #: What hosts have seen of its scheduler's process. Not published with the rest: see `scheduler_liveness`.
    sights: tuple[Sight, ...] = ()

    def entry(self, record: str) -> ScheduleEntry | None:
        return next((entry for entry in self.entries if entry.record == record), None)


_SENTENCES = {"reason", "problem"}
_MOMENTS = {"last_at", "due_at", "future_at", "ready_since", "ticked_at", "read_at"}


def to_json(schedule: Schedule) -> str:
    plain = asdict(schedule)
    del plain["sights"]
    plain["reason"] = schedule.reason and pack(schedule.reason)
    for said, entry in zip(plain["entries"], schedule.entries, strict=True):
        said["problem"] = entry.problem and pack(entry.problem)
    return json.dumps(plain, separators=(",", ":"), default=datetime.isoformat)


def from_json(document: bytes | str | None) -> Schedule | None:
    """None: nothing, or not one of ours."""
    try:
        plain = json.loads(document or "{}")
        entries = tuple(ScheduleEntry(**_known(ScheduleEntry, entry)) for entry in plain.pop("entries", ()))
        plain.pop("sights", None)
        tickers = tuple(plain.pop("tickers", ()))
        return Schedule(**_known(Schedule, plain), tickers=tickers, entries=entries)
    except (ValueError, TypeError, AttributeError):
        return None


def _known(kind: type, values: dict[str, Any]) -> dict[str, Any]:
    """A newer version's fields are passed over."""
    names = {each.name for each in fields(kind)}
    return {name: _value(name, value) for name, value in values.items() if name in names}


def _value(name: str, value: Any) -> Any:
    if name in _MOMENTS and value:
        return datetime.fromisoformat(value)
    return unpack(value) if name in _SENTENCES and value else value
