"""What was counted of the runs that ended today (UTC): the statistics of one day, as counters that begin at midnight.

A counter must not go down but to begin anew, so the methods that have series of their own stay the same all day: those
that ran most yesterday, and today's as they come, while there is room. All others are counted together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from ..history import statistics
from ..redis.link import Redis, if_allowed
from . import limits

#: Outcomes by their counters.
_OUTCOMES = {"k": "finished", "f": "failed", "t": "timed_out"}


@dataclass(frozen=True, slots=True)
class Runs:
    """Of the day so far."""

    #: (queue, method, outcome) to how many.
    ended: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    #: By queue: how many of those that ended well ran for how long, and how many waited for how long (see
    #: `statistics.bucket`).
    ran: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    waited: Mapping[str, Mapping[int, int]] = field(default_factory=dict)


class Chosen:
    """The methods that have series of their own. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._day: object = None
        self._methods: set[str] = set()
        self._lock = Lock()

    def of(self, day: object, today: Mapping[str, int], before: Callable[[], Mapping[str, int]]) -> frozenset[str]:
        """`today`, and `before` of the day before: how often each method ran."""
        with self._lock:
            if day != self._day:
                self._methods = set(self._top(before(), self._most))
                self._day = day
            new = {method: count for method, count in today.items() if method not in self._methods}
            self._methods.update(self._top(new, self._most - len(self._methods)))
            return frozenset(self._methods)

    @staticmethod
    def _top(counts: Mapping[str, int], most: int) -> list[str]:
        named = (method for method in counts if method != statistics.OTHERS)
        return sorted(named, key=lambda method: (-counts[method], method))[:most]


class DayReader:
    """Of one process. One round trip a reading; one more on the first of a day."""

    def __init__(self, redis: Redis, queue_prefix: str) -> None:
        self.redis = redis
        self.queue_prefix = queue_prefix
        self._chosen = Chosen(limits.METHODS)
        self._of_sites: dict[str, Chosen] = {}

    def read(self, now: datetime) -> Runs:
        """All methods of all sites. Nothing where our user of Redis may not read the statistics."""
        rows = self._rows(now)
        own = self._chosen.of(now.date(), _ended(rows), lambda: _ended(self._rows(now - timedelta(days=1))))
        return runs(rows, own)

    def read_site(self, site: str, now: datetime) -> Mapping[str, int]:
        """How many runs of each method ended today on a site. What became of them is not counted by site."""
        counts = if_allowed(lambda: statistics.ran(self.redis, site, now, hours=now.hour)) or Counter()
        total: Counter[str] = Counter()
        for (method, _scheduled), count in counts.items():
            total[method] += count
        own = self._of_sites.setdefault(site, Chosen(limits.METHODS)).of(now.date(), total, dict)
        shown: Counter[str] = Counter()
        for method, count in total.items():
            shown[method if method in own else limits.OTHER] += count
        return shown

    def _rows(self, now: datetime) -> statistics.Rows:
        rows = if_allowed(lambda: statistics.of_day(self.redis, now)) or {}
        return {
            method: {queue: counts for queue, counts in lanes.items() if queue.startswith(self.queue_prefix)}
            for method, lanes in rows.items()
        }


def runs(rows: statistics.Rows, own: frozenset[str]) -> Runs:
    """`own`: the methods that are counted each by itself."""
    ended: Counter[tuple[str, str, str]] = Counter()
    ran: dict[str, Counter[int]] = defaultdict(Counter)
    waited: dict[str, Counter[int]] = defaultdict(Counter)
    for method, lanes in rows.items():
        name = method if method in own else limits.OTHER
        for queue, counters in lanes.items():
            for counter, outcome in _OUTCOMES.items():
                ended[queue, name, outcome] += counters[counter]
            ran[queue].update(statistics.histogram(counters, "r"))
            waited[queue].update(statistics.histogram(counters, "w"))
    return Runs(ended, ran, waited)


def _ended(rows: statistics.Rows) -> dict[str, int]:
    return {method: sum(lane[each] for lane in lanes.values() for each in _OUTCOMES) for method, lanes in rows.items()}
