"""Proposes quieter minutes for the entries of a rush: the minute changes, the hour and the day do not.

The longest runs keep their time, as many as there are workers. Each of the others moves to the minute at which its lane
has the least work over all of its runs of the day; among equal minutes, to the nearest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from . import clock, cron
from .fields import ALIASES
from .rushes import Rush
from .simulate import Bar, Foreseen, Planned


@dataclass(frozen=True, slots=True)
class Move:
    entry: int
    before: str
    after: str


def moves(day: Foreseen, entries: Sequence[Planned], found: Sequence[Rush], movable: Sequence[bool]) -> list[Move]:
    """`movable`: which entries may be moved at all."""
    load = _Load(day, entries)
    chosen: dict[int, Move] = {}
    for rush in found:
        ordered = sorted({bar.entry for bar in rush.bars}, key=lambda number: -entries[number].duration_s)
        for number in ordered[max(rush.workers, 1) :]:
            after = _quietest(entries[number], load, number) if movable[number] and number not in chosen else None
            if after is not None and after != entries[number].cron:
                chosen[number] = Move(number, entries[number].cron, after)
                load.move(number, entries[number], after)
    return list(chosen.values())


def moved(entries: Sequence[Planned], chosen: Sequence[Move], start: float) -> list[Planned]:
    """The entries with these moves applied."""
    changed = list(entries)
    for move in chosen:
        entry = entries[move.entry]
        where = clock.zone(entry.zone)
        shown = cron.next_after(move.after, clock.wall(datetime.fromtimestamp(start, timezone.utc), where))
        due_at = clock.reaches(shown, where).timestamp() if shown else float("inf")
        changed[move.entry] = replace(entry, cron=move.after, due_at=due_at)
    return changed


def at_minute(expression: str, minute: int) -> str | None:
    """The same expression at another minute. None: it does not run at exactly one minute of the hour."""
    if _minute(expression) is None:
        return None
    _old, *others = ALIASES.get(expression.lower(), expression).split()
    return " ".join([str(minute), *others])


def _minute(expression: str) -> int | None:
    """The one minute of the hour at which it runs."""
    try:
        minutes = cron.read(expression).minutes
    except ValueError:
        return None
    return minutes[0] if len(minutes) == 1 else None


def _quietest(entry: Planned, load: _Load, number: int) -> str | None:
    old = _minute(entry.cron)
    if old is None:
        return None
    step = max(int(entry.ticks.every_s) // 60, 1)  # minutes between two ticks start with the later one
    cost = {minute: load.cost_of(number, entry, (minute - old) * 60.0) for minute in {old, *range(0, 60, step)}}
    best = min(cost, key=lambda minute: (cost[minute], abs(minute - old)))
    return at_minute(entry.cron, best)


class _Load:
    """Seconds of work in each minute of the day, by lane, if no run had to wait."""

    def __init__(self, day: Foreseen, entries: Sequence[Planned]) -> None:
        self._lanes: dict[str, Counter[int]] = {}
        self._runs: dict[int, list[Bar]] = {}
        for bar in day.bars:
            lane = self._lanes.setdefault(entries[bar.entry].lane, Counter())
            self._runs.setdefault(bar.entry, []).append(bar)
            lane.update(dict(_minutes(bar, 0.0)))

    def cost_of(self, number: int, entry: Planned, shift_s: float) -> float:
        """How much other work there is during this entry's runs, if all of them were `shift_s` later."""
        lane, own, found = self._lanes[entry.lane], Counter[int](), 0.0
        for bar in self._runs[number]:
            own.update(dict(_minutes(bar, 0.0)))
        for bar in self._runs[number]:
            found += sum(seconds * (lane[minute] - own[minute]) for minute, seconds in _minutes(bar, shift_s))
        return found

    def move(self, number: int, entry: Planned, after: str) -> None:
        lane = self._lanes[entry.lane]
        shift_s = ((_minute(after) or 0) - (_minute(entry.cron) or 0)) * 60.0
        for bar in self._runs[number]:
            lane.subtract(dict(_minutes(bar, 0.0)))
            lane.update(dict(_minutes(bar, shift_s)))


def _minutes(bar: Bar, shift_s: float) -> Iterator[tuple[int, int]]:
    """The minutes during which a run is active if it starts at its tick: (minute, seconds of it)."""
    start = bar.enqueued_at + shift_s
    left = max(bar.ends_at - bar.starts_at, 1.0)
    minute, inside = divmod(start, 60.0)
    while left > 0:
        share = min(60.0 - inside, left)
        yield int(minute), max(round(share), 1)
        minute, inside, left = minute + 1, 0.0, left - share
