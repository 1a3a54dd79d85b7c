"""The distribution of a method's run times, in seconds: a table of equally likely values."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from ...history import statistics
from ...models.bench import Usual
from ...models.expected import Pace

#: Values of a table. The longest stands for the last 1.6 % of the runs.
TABLE = 64
#: The weight of the statistics, in runs, beside the runs that have just ended: a method that was slow once may be slow
#: again.
_OLD_RUNS = 20
_FEW = 10
_MOST = 200
#: Where in its bucket a run may lie; only the bucket's ends are known.
_INSIDE = (1 / 6, 1 / 2, 5 / 6)
#: The 99th percentile of a normal distribution, in its standard deviations.
_P99 = 2.326


@dataclass(frozen=True, slots=True)
class Durations:
    #: Ascending.
    values: tuple[float, ...]
    mean: float
    variance: float
    #: The variance of the mean itself: how far the estimate may be wrong.
    doubt: float

    def remaining(self, ran: float, chance: float, most: float | None) -> float:
        """How many more seconds a run lasts that has lasted `ran`. `chance`: 0 to 1, uniform; `most`: its timeout.

        A run that is longer than all known ones is expected to last as long again, with even odds.
        """
        first = bisect_right(self.values, ran)
        if first < len(self.values):
            left = self.values[first + int(chance * (len(self.values) - first))] - ran
        else:
            left = ran * chance / (1.0 - chance)
        return left if most is None else min(left, max(most - ran, 0.0))


def durations(usual: Usual | None, runs: Sequence[float]) -> Durations | None:
    """The distribution for one method, from its statistics and its last runs. None: nothing is known."""
    weighed = [(seconds, 1.0) for seconds in runs]
    old = _counted(usual) if usual else []
    total = sum(weight for _seconds, weight in old)
    # The statistics have counted those that ended just now, too.
    most = min(_OLD_RUNS if len(runs) >= _FEW else _MOST, total - len(runs))
    if most > 0:
        weighed += [(seconds, weight * most / total) for seconds, weight in old]
    return _table(sorted(weighed)) if weighed else None


def of_methods(usual: Mapping[str, Usual], pace: Pace) -> dict[str, Durations]:
    found = {method: durations(usual.get(method), pace.runs.get(method, ())) for method in {*usual, *pace.runs}}
    return {method: each for method, each in found.items() if each is not None}


def _counted(usual: Usual) -> list[tuple[float, float]]:
    """(value, weight) pairs from the statistics."""
    if usual.buckets:
        return [
            (statistics.upper_end(number) * 10 ** (-(1 - inside) / statistics.PER_DECADE), count / len(_INSIDE))
            for number, count in usual.buckets
            for inside in _INSIDE
        ]
    if usual.median_s is None:
        return []
    scatter = math.log(max((usual.p99_s or 0.0) / usual.median_s, 1.0)) / _P99 if usual.median_s > 0 else 0.0
    return [(usual.median_s * math.exp(scatter * each), usual.runs / len(_NORMAL)) for each in _NORMAL]


#: Equally likely values of a normal distribution; the last is the 99th percentile.
_NORMAL = tuple(NormalDist().inv_cdf((number + 0.5) / 50) for number in range(50))


def _table(weighed: Sequence[tuple[float, float]]) -> Durations:
    total = sum(weight for _seconds, weight in weighed)
    mean = sum(seconds * weight for seconds, weight in weighed) / total
    variance = sum((seconds - mean) ** 2 * weight for seconds, weight in weighed) / total
    values, seen, place = [], 0.0, 0
    for number in range(TABLE):
        while place < len(weighed) - 1 and seen + weighed[place][1] < (number + 0.5) / TABLE * total:
            seen += weighed[place][1]
            place += 1
        values.append(weighed[place][0])
    # With one known run, the next may be twice as long.
    doubt = (variance + (mean / 2) ** 2 / max(total, 1.0)) / max(total, 1.0)
    return Durations(tuple(values), mean, variance, doubt)
