"""The next day of a bench, foreseen: what every schedule of every site will enqueue, on the workers that there are.

Each entry becomes due, a tick enqueues it, it waits in its lane for a worker, runs as long as it usually does, and is
due again by its cron expression from the moment at which it started: as Frappe does it. A run that comes due while the
one before still waits or runs is passed over until a tick finds that one ended. Other work of the lanes is not
foreseen. Times are seconds since 1970.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from heapq import heappop, heappush

from . import clock, cron, limits
from .upcoming import Ticks


@dataclass(frozen=True, slots=True)
class Planned:
    """An entry that will run."""

    site: str
    record: str
    lane: str
    cron: str
    zone: str
    ticks: Ticks
    duration_s: float
    due_at: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One run: `entry` is its place among the planned ones, `worker` among the workers."""

    entry: int
    due_at: float
    enqueued_at: float
    starts_at: float
    ends_at: float
    worker: int

    @property
    def waits_s(self) -> float:
        return self.starts_at - self.enqueued_at


@dataclass(frozen=True, slots=True)
class Foreseen:
    start: float
    end: float
    bars: tuple[Bar, ...]
    #: Due while the run before had not ended: (entry, when it was due).
    overlaps: tuple[tuple[int, float], ...] = ()
    #: Enqueued, and no worker came to them by the end: by lane.
    unserved: Mapping[str, int] = field(default_factory=dict)
    #: More runs than `limits.FORESEEN_RUNS`: the end of the day is missing.
    cut: bool = False


class _Due:
    """When an expression is due within the day: worked out once for all entries that share it."""

    def __init__(self, start: float, end: float) -> None:
        self.start, self.end = start, end
        self._known: dict[tuple[str, str], list[float]] = {}

    def after(self, entry: Planned, stamp: float) -> float | None:
        key = (entry.cron, entry.zone)
        if key not in self._known:
            self._known[key] = self._times(*key)
        times = self._known[key]
        place = bisect_right(times, stamp)
        return times[place] if place < len(times) else None

    def _times(self, expression: str, zone: str) -> list[float]:
        where = clock.zone(zone)
        now, end = (datetime.fromtimestamp(at, timezone.utc) for at in (self.start, self.end))
        first, last = clock.wall(now, where), clock.wall(end, where)
        try:
            matches = cron.read(expression).matches(first - timedelta(days=1))
        except ValueError:
            return []
        walls = []
        for shown in matches:
            if shown > last:
                break
            walls.append(shown)
        return [clock.reaches(shown, where, now).timestamp() for shown in walls]


def foresee(
    entries: Sequence[Planned], worker_lanes: Sequence[Sequence[str]], start: float, hours: float = 24.0
) -> Foreseen:
    """`worker_lanes`: for each worker the lanes that it serves, in its order."""
    day = _Day(entries, worker_lanes, start, start + hours * 3600)
    cut = not day.pass_by()
    unserved = {lane: len(waiting) for lane, waiting in day.waiting.items() if waiting}
    return Foreseen(day.start, day.end, tuple(day.bars), tuple(day.overlaps), unserved, cut)


#: Kinds of events; of those of one moment workers that end come first.
_FREE, _ENQUEUED = 0, 1


class _Day:
    def __init__(
        self, entries: Sequence[Planned], worker_lanes: Sequence[Sequence[str]], start: float, end: float
    ) -> None:
        self.entries, self.worker_lanes, self.start, self.end = entries, worker_lanes, start, end
        self.bars: list[Bar] = []
        self.overlaps: list[tuple[int, float]] = []
        #: By lane: (entry, due, enqueued).
        self.waiting: dict[str, deque[tuple[int, float, float]]] = {entry.lane: deque() for entry in entries}
        #: Who has been idle longest comes first, as Redis serves those who wait for a list.
        self._idle = list(range(len(worker_lanes)))
        self._due = _Due(start, end)
        #: (when, kind, worker or entry, due)
        self._events: list[tuple[float, int, int, float]] = []
        for number, entry in enumerate(entries):
            self._expect(number, entry.due_at, start)

    def pass_by(self) -> bool:
        """False when there are too many runs to foresee them all."""
        while self._events:
            now = self._events[0][0]
            while self._events and self._events[0][0] == now:
                self._happen(*heappop(self._events))
            for worker in tuple(self._idle):
                self._take(worker, now)
            if len(self.bars) >= limits.FORESEEN_RUNS:
                return False
        return True

    def _happen(self, now: float, kind: int, number: int, due_at: float) -> None:
        if kind == _FREE:
            self._idle.append(number)
        else:
            self.waiting[self.entries[number].lane].append((number, due_at, now))

    def _take(self, worker: int, now: float) -> None:
        """The first job of the first lane of this worker that has one."""
        lane = next((lane for lane in self.worker_lanes[worker] if self.waiting.get(lane)), None)
        if lane is None or now >= self.end:
            return
        number, due_at, enqueued_at = self.waiting[lane].popleft()
        entry = self.entries[number]
        bar = Bar(number, due_at, enqueued_at, now, now + max(entry.duration_s, 0.0), worker)
        self.bars.append(bar)
        self._idle.remove(worker)
        heappush(self._events, (bar.ends_at, _FREE, worker, 0.0))
        again = self._due.after(entry, due_at)
        if again is not None and bar.enqueued_at < entry.ticks.at_or_after(again) < bar.ends_at:
            self.overlaps.append((number, again))
        following = self._due.after(entry, now)
        if following is not None:
            self._expect(number, following, bar.ends_at)

    def _expect(self, number: int, due_at: float, free_at: float) -> None:
        """The tick that will enqueue it: after it is due, and after its last run has ended."""
        at = self.entries[number].ticks.at_or_after(max(due_at, free_at))
        if at < self.end:
            heappush(self._events, (at, _ENQUEUED, number, due_at))
