"""How many series there may be."""

from __future__ import annotations

#: Methods with series of their own, in each of their queues; all others together are one.
METHODS = 50
OTHER = "other"
#: Ends of a histogram's buckets, as numbers of the statistics' own (a factor of about 2 apart): 2 ms to 14 h, to which
#: every run is counted exactly.
BUCKETS = tuple(number for number in range(3, 78) if number % 10 in (0, 3, 7))
