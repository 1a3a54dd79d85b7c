"""Computes since when the next tick ought to enqueue an entry (`ready_since`), and when the last tick was.

Lateness counts from `ready_since` and not from the due time: a schedule that was just unblocked, resumed or enabled is
long overdue, but nothing is wrong until the next ticks have not enqueued it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ..models.schedule import Schedule, ScheduleEntry
from .tickers import Ticker, at_work

#: States in which `frappe.enqueue` refuses the same id again.
IN_THE_WAY = ("queued", "started")


def together(records: Iterable[tuple[str | None, datetime | None]]) -> tuple[str | None, datetime | None]:
    """Combine the records, (status, enqueued at), of all runs of one entry: (the status of a run that is active, else
    of the newest one; when a run was enqueued last).
    """
    records = list(records)
    statuses = [status for status, _at in records]
    newest, enqueued_at = max(records, key=lambda record: record[1].timestamp() if record[1] else 0.0)
    alive = next((status for status in ("started", "queued") if status in statuses), None)
    return alive or newest, enqueued_at


def with_runs(
    schedule: Schedule, before: Schedule | None, runs: Sequence[tuple[str | None, datetime | None]], now: datetime
) -> Schedule:
    """The schedule with the state of its entries' runs. `runs`: (status, enqueued at) of each entry; `before`: the
    schedule as it was published last.
    """
    known = {entry.record: entry for entry in before.entries} if before else {}
    entries = []
    for entry, (status, enqueued_at) in zip(schedule.entries, runs, strict=True):
        # In maintenance the last schedule may be published again: that time does not count as waiting.
        current = replace(entry, job_status=status, ready_since=None)
        if schedule.running and _ready(current, enqueued_at, now):
            current = replace(current, ready_since=_since(current, known.get(entry.record), before))
        entries.append(current)
    signs = [schedule.ticked_at, before.ticked_at if before else None]
    if not schedule.tells_ticks:
        signs += [*(at for _status, at in runs), *(each.last_at for each in entries)]
    ticked_at = max((at for at in signs if at and at <= now), default=None)
    return replace(schedule, entries=tuple(entries), ticked_at=ticked_at, read_at=now)


def with_owed(schedule: Schedule, owed: Mapping[str, int]) -> Schedule:
    """The schedule with its pending runs. `owed`: their number by the job id of the entry."""
    entries = tuple(replace(entry, owed=owed.get(entry.job_id, 0)) for entry in schedule.entries)
    return replace(schedule, entries=entries)


def with_tickers(schedule: Schedule, known: Iterable[Ticker], now: datetime) -> Schedule:
    known = tuple(known)
    ticked_at = max((each.last_at for each in known), default=None)
    return replace(schedule, tickers=at_work(known, schedule.tick_s, now), ticked_at=ticked_at)


def _ready(entry: ScheduleEntry, enqueued_at: datetime | None, now: datetime) -> bool:
    if entry.stopped or entry.due_at is None or entry.due_at > now or entry.job_status in IN_THE_WAY:
        return False
    # Enqueued since: the database was read before that run began, or the run ended before it could record that.
    return enqueued_at is None or enqueued_at < entry.due_at


def _since(entry: ScheduleEntry, known: ScheduleEntry | None, before: Schedule | None) -> datetime | None:
    if known is None or before is None or before.read_at is None or entry.due_at is None:
        return entry.due_at
    if known.ready_since is not None and known.due_at == entry.due_at:
        return known.ready_since
    return max(entry.due_at, before.read_at)
