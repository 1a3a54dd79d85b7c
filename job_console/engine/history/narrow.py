"""Durations in buckets so narrow that a percentile of them is within 2 % of the exact one, and that can be added up.

Sixty to a factor of ten, the mapping of DDSketch: a bucket ends at 1.0391 times its beginning, and what it holds is
told as the middle (`middle`) that is nowhere off by more than 1.92 %. Six of them are one of `statistics`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

PER_DECADE = 60
#: Ten times as many as `statistics.PER_DECADE`; the first ends at a millisecond, the last at 11.5 days.
SHORTEST_S = 0.001
LAST = 9 * PER_DECADE
_WIDTH = 10 ** (1 / PER_DECADE)
_IN_A_WIDE_ONE = 6


def bucket(seconds: float) -> int:
    if seconds <= SHORTEST_S:
        return 0
    return min(math.ceil(round(PER_DECADE * math.log10(seconds / SHORTEST_S), 9)), LAST)


def middle(number: int) -> float:
    """What is told of durations in this bucket: as far from its beginning as from its end, relative to each."""
    if number == 0:
        return SHORTEST_S
    end: float = SHORTEST_S * _WIDTH**number
    return end * 2 / (1 + _WIDTH)


def wide(number: int) -> int:
    """The bucket of `statistics` that it lies in."""
    return -(-number // _IN_A_WIDE_ONE)


def percentile(histogram: Mapping[int, int], share: float) -> float | None:
    """The duration that this share of the runs did not exceed, within 2 %."""
    need, seen = share * sum(histogram.values()), 0
    for number in sorted(histogram):
        seen += histogram[number]
        if seen >= need:
            return middle(number)
    return None
