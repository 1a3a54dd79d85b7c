"""The forecast of the bench's next 24 hours: which schedules run when, for how long, on which worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..models.bench import Bench, Usual
from ..models.schedule import Schedule
from . import limits, quieter
from .quieter import Move
from .rushes import Rush, rushes
from .simulate import Foreseen, Planned, foresee
from .upcoming import Ticks


@dataclass(frozen=True, slots=True)
class Outlook:
    entries: tuple[Planned, ...]
    worker_lanes: tuple[tuple[str, ...], ...]
    day: Foreseen
    rushes: tuple[Rush, ...]
    #: Entries without a history: their duration is a guess.
    unknown: int = 0

    @property
    def waiting_s(self) -> float:
        """Seconds that all runs together wait for a worker."""
        return sum(bar.waits_s for bar in self.day.bars)

    @property
    def longest_wait_s(self) -> float:
        return max((bar.waits_s for bar in self.day.bars), default=0.0)


def outlook(bench: Bench, usual: Mapping[str, Usual]) -> Outlook:
    """The next 24 hours. `usual`: statistics by method, of every site that shares the workers."""
    entries, unknown = [], 0
    for schedule in bench.schedules.values():
        if schedule.running:
            for entry, known in _planned(schedule, usual):
                entries.append(entry)
                unknown += not known
    worker_lanes = tuple(worker.queues for worker in bench.workers if worker.takes_work)
    return _worked_out(entries, worker_lanes, bench.at.timestamp(), unknown)


def quieter_minutes(seen: Outlook, site: str) -> tuple[list[Move], Outlook]:
    """(proposed moves of this site's entries, the forecast with these moves). No moves when they would not help."""
    movable = [entry.site == site for entry in seen.entries]
    moves = quieter.moves(seen.day, seen.entries, seen.rushes, movable)
    entries = quieter.moved(seen.entries, moves, seen.day.start)
    after = _worked_out(entries, seen.worker_lanes, seen.day.start, seen.unknown)
    return (moves, after) if after.waiting_s < seen.waiting_s else ([], seen)


def _worked_out(
    entries: Sequence[Planned], worker_lanes: tuple[tuple[str, ...], ...], start: float, unknown: int
) -> Outlook:
    day = foresee(entries, worker_lanes, start)
    return Outlook(tuple(entries), worker_lanes, day, tuple(rushes(day, entries, worker_lanes)), unknown)


def _planned(schedule: Schedule, usual: Mapping[str, Usual]) -> list[tuple[Planned, bool]]:
    ticks, found = Ticks.of(schedule), []
    for entry in schedule.entries:
        if entry.stopped or entry.due_at is None:
            continue
        known = usual.get(entry.method)
        median_s = known.median_s if known else None
        planned = Planned(
            site=schedule.site,
            record=entry.record,
            lane=entry.queue,
            cron=entry.cron,
            zone=schedule.zone,
            ticks=ticks,
            duration_s=limits.UNKNOWN_RUN_S if median_s is None else median_s,
            due_at=entry.due_at.timestamp(),
        )
        found.append((planned, median_s is not None))
    return found
