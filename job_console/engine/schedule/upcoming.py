"""When an entry will really run: not when it is due, but at the scheduler's next tick after that; and from then on
the next due time counts. A cron finer than the tick runs with the tick."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from itertools import islice, pairwise

from ..models.schedule import Schedule, ScheduleEntry
from . import clock, cron, limits

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ticks:
    """When the scheduler ticks."""

    every_s: float
    #: One tick that is known. None: they come at whole multiples, as Frappe's own pace does.
    known: datetime | None = None

    @classmethod
    def of(cls, schedule: Schedule) -> Ticks:
        """Frappe's own pace keeps to the clock; another one counts from the scheduler's start."""
        return cls(schedule.tick_s, None if schedule.tick_s == limits.FRAPPE_TICK_S else schedule.ticked_at)

    def at_or_after(self, stamp: float) -> float:
        """Seconds since 1970, both."""
        phase = self.known.timestamp() % self.every_s if self.known else 0.0
        return phase - (phase - stamp) // self.every_s * self.every_s

    def next(self, moment: datetime) -> datetime:
        return datetime.fromtimestamp(self.at_or_after(moment.timestamp()), timezone.utc)


@dataclass(frozen=True, slots=True)
class Occasion:
    due_at: datetime
    #: What the site's wall shows then.
    shown: datetime
    #: When a tick enqueues it.
    starts_at: datetime
    #: `skipped`: the wall never shows that time, the clocks are put forward over it. `twice`: it will show it once more
    #: an hour later, and then nothing runs.
    oddity: str | None = None


def occasions(expression: str, where: tzinfo, ticks: Ticks, last: datetime, now: datetime) -> Iterator[Occasion]:
    """The runs from now on of what ran when the wall showed `last`, if each starts with its tick. Ends when there are
    no more, or at once when the expression cannot be read."""
    while (shown := cron.next_after(expression, last)) is not None:
        run = _occasion(shown, where, ticks, now)
        yield run
        last, now = clock.wall(run.starts_at, where), run.starts_at


def _occasion(shown: datetime, where: tzinfo, ticks: Ticks, now: datetime) -> Occasion:
    due_at = clock.reaches(shown, where, now)
    starts_at = ticks.next(max(due_at, now))
    if clock.wall(starts_at, where) < shown:  # the clocks were put back before that tick
        due_at = clock.reaches(shown, where, starts_at)
        starts_at = ticks.next(due_at)
    first = due_at == clock.reaches(shown, where)
    return Occasion(due_at, shown, starts_at, clock.oddity(shown, where) if first else None)


def upcoming(entry: ScheduleEntry, where: tzinfo, ticks: Ticks, now: datetime) -> Iterator[Occasion]:
    """The runs from now on of an entry, the one that is due first."""
    if entry.due_at is None:
        return iter(())
    minute = timedelta(minutes=1)
    # Both ways to go back a minute: at a change one of them leads over it.
    before = min(clock.wall(entry.due_at - minute, where), clock.wall(entry.due_at, where) - minute)
    return occasions(entry.cron, where, ticks, before, now)


def next_runs(expression: str, where: tzinfo, ticks: Ticks, now: datetime, count: int) -> list[Occasion]:
    """Of something that runs from now on."""
    return list(islice(occasions(expression, where, ticks, clock.wall(now, where), now), count))


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often something is due on a day, and how often ticks let it run."""

    due: int
    runs: int

    @property
    def coarser(self) -> bool:
        return self.runs < self.due


def finer(expression: str, ticks: Ticks) -> bool:
    """Whether two due times can be nearer to each other than two ticks."""
    try:
        minutes = cron.read(expression).minutes
    except ValueError:
        return False
    gaps = [later - minute for minute, later in pairwise([*minutes, minutes[0] + 60])]
    return min(gaps) * 60 < ticks.every_s


def cadence(expression: str, where: tzinfo, ticks: Ticks, now: datetime) -> Cadence:
    """Over the day from its next due time on. Nothing is due of what cannot be read."""
    first = next(iter(next_runs(expression, where, ticks, now, 1)), None)
    if first is None:
        return Cadence(0, 0)
    end = first.shown + DAY
    shown = _within(expression, first.shown - timedelta(minutes=1), end - timedelta(minutes=1))
    starts = [ticks.at_or_after(clock.reaches(due, where, now).timestamp()) for due in shown]
    tomorrow = ticks.at_or_after(clock.reaches(end, where).timestamp())  # that tick starts the next day's first run
    return Cadence(len(starts), len({start for start in starts if start < tomorrow}))


def missed(expression: str, where: tzinfo, last: datetime, now: datetime, most: int) -> list[datetime]:
    """The due times after `last` that have passed by now: the newest `most` of them, in UTC. Older ones than a month
    nobody wants."""
    until = clock.wall(now, where)
    start = max(clock.wall(last, where), until - timedelta(seconds=limits.MISSED_SPAN_S))
    return [clock.reaches(shown, where, now) for shown in deque(_within(expression, start, until), maxlen=most)]


def _within(expression: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """The walls of the matches later than `after` and not later than `until`."""
    try:
        matches = cron.read(expression).matches(after)
    except ValueError:
        return
    for shown in matches:
        if shown > until:
            return
        yield shown
