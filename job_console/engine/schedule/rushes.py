"""Finds rushes in a forecast: many runs of a lane that are due together, so that they wait for each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from . import limits
from .simulate import Bar, Foreseen, Planned


@dataclass(frozen=True, slots=True)
class Rush:
    """Runs of one lane that are enqueued together, or while others of them wait."""

    lane: str
    bars: tuple[Bar, ...]
    workers: int

    @property
    def at(self) -> float:
        return self.bars[0].enqueued_at

    @property
    def work_s(self) -> float:
        return sum(bar.ends_at - bar.starts_at for bar in self.bars)

    @property
    def last_start(self) -> float:
        return max(bar.starts_at for bar in self.bars)

    @property
    def longest_wait_s(self) -> float:
        return max(bar.waits_s for bar in self.bars)


def rushes(day: Foreseen, entries: Sequence[Planned], worker_lanes: Sequence[Sequence[str]]) -> list[Rush]:
    """The rushes in which a run waits for at least `RUSH_WAIT_S`, in order of time."""

    def lane_of(bar: Bar) -> str:
        return entries[bar.entry].lane

    found = []
    ordered = sorted(day.bars, key=lambda bar: (lane_of(bar), bar.enqueued_at, bar.starts_at))
    for lane, bars in groupby(ordered, key=lane_of):
        workers = sum(lane in lanes for lanes in worker_lanes)
        waves = (Rush(lane, tuple(wave), workers) for wave in _waves(bars))
        found += [wave for wave in waves if wave.longest_wait_s >= limits.RUSH_WAIT_S]
    return sorted(found, key=lambda rush: rush.at)


def _waves(bars: Iterator[Bar]) -> Iterator[list[Bar]]:
    """Splits the runs of one lane, in order, into groups: a new one begins when a run is enqueued and none waits."""
    wave: list[Bar] = []
    until = float("-inf")
    for bar in bars:
        if wave and bar.enqueued_at > until:
            yield wave
            wave = []
        wave.append(bar)
        until = max(until, bar.starts_at)
    if wave:
        yield wave
