"""Durations in buckets so narrow that a percentile of them is within 2 % of the exact one, and that can be added up.

Sixty to a factor of ten, the mapping of DDSketch: a bucket ends at 1.0391 times its beginning, and what it holds is
told as the middle (`middle`) that is nowhere off by more than 1.92 %. Six of them are one of `statistics`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import accumulate

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


def percentiles(histogram: Mapping[int, int], shares: Iterable[float]) -> list[float | None]:
    """The durations that these shares of the runs did not exceed, within 2 %."""
    numbers = sorted(histogram)
    seen = list(accumulate(map(histogram.__getitem__, numbers)))
    if not seen or seen[-1] <= 0:
        return [None for _share in shares]
    return [middle(numbers[bisect_left(seen, share * seen[-1])]) for share in shares]
