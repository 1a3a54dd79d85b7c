"""In what bursts the jobs of a method come, from its minutes.

Were they to come one by one at random, the number that came in some minutes would scatter as much as it is large (its
variance is its mean). With bursts whose sizes scatter like a gamma distribution of this `SHAPE` it scatters 1.5 times
as much as they are large.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..history import narrow, rows, series

if TYPE_CHECKING:
    from .load import Key, Kind
from . import limits

#: Between bursts of one size each (infinite) and sizes as random as the pauses between them (1).
SHAPE = 2.0
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3600, 60
#: What came is counted by five minutes: where it came is known less exactly than by the minute.
_SLOT_S = 300
_SLOTS = _HOUR_S // _SLOT_S
#: Fewer runs do not say how they come.
_FEWEST = 20


def with_bursts(
    kinds: Mapping[Key, Kind], counts: Mapping[int, Mapping[Key, int]], minutes: Mapping[int, rows.Rows]
) -> dict[Key, Kind]:
    """`counts`: how many came in which hour; `minutes`: what was counted in them, by method and lane."""
    came = _arrivals(minutes)
    hours: dict[Key, dict[int, int]] = {}
    for hour, found in counts.items():
        for key, count in found.items():
            hours.setdefault(key, {})[hour] = count
    return {
        key: replace(kind, burst=_by_slots(came.get(key, {})) or _by_hours(hours.get(key, {})))
        for key, kind in kinds.items()
    }


def _arrivals(minutes: Mapping[int, rows.Rows]) -> dict[Key, dict[int, float]]:
    """How many came in which slot: they ended, at any moment of their minute, later by what they waited and ran."""
    came: dict[Key, dict[int, float]] = {}
    for start, methods in minutes.items():
        for method, lanes in methods.items():
            for lane, value in lanes.items():
                counters = rows.counters(value)
                runs = sum(counters.get(outcome, 0) for outcome in ("k", "f", "t"))
                ran_s = counters.get("s", 0) / 1000 / runs if runs else 0.0
                into = came.setdefault((method, lane), {})
                for number, count in series.histograms([counters], "W")[0].items():
                    slot, within = divmod(start - ran_s - narrow.middle(number), _SLOT_S)
                    later = max(within + _MINUTE_S - _SLOT_S, 0.0) / _MINUTE_S
                    into[int(slot)] = into.get(int(slot), 0.0) + count * (1 - later)
                    into[int(slot) + 1] = into.get(int(slot) + 1, 0.0) + count * later
    return came


def _by_slots(came: Mapping[int, float]) -> float | None:
    """Hour by hour, since there are busy and quiet ones."""
    by_hour: dict[int, list[float]] = {}
    for slot, count in came.items():
        by_hour.setdefault(slot // _SLOTS, []).append(count)
    pairs = []
    for counts in by_hour.values():
        counts += [0.0] * (_SLOTS - len(counts))
        pairs += [(count, sum(counts) / _SLOTS) for count in counts]
    return _burst(pairs, _SLOTS)


def _by_hours(came: Mapping[int, int]) -> float | None:
    """Beside what was to be expected in this hour of such a day. For methods that did not run in the last day."""
    by_day: dict[int, int] = {}
    by_time: dict[int, int] = {}
    for hour, count in came.items():
        by_day[hour // _DAY_S] = by_day.get(hour // _DAY_S, 0) + count
        by_time[hour % _DAY_S] = by_time.get(hour % _DAY_S, 0) + count
    whole = sum(came.values())
    return _burst(
        [
            (came.get(day * _DAY_S + time, 0), of_day * at_time / whole)
            for day, of_day in by_day.items()
            for time, at_time in by_time.items()
        ],
        len(by_time),
    )


def _burst(pairs: Sequence[tuple[float, float]], together: int) -> float | None:
    """How many came, and how many were to be expected, which is the mean of so many `together`."""
    runs = sum(count for count, _expected in pairs)
    if runs < _FEWEST:
        return None
    scatter = sum((count - expected) ** 2 for count, expected in pairs) / runs
    scatter *= together / max(together - 1, 1)
    return min(max(1 + (scatter - 1) / (1 + 1 / SHAPE), 1.0), limits.LARGEST_BURST)
