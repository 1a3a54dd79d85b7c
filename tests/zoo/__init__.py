"""The zoo: faults that are really made, on a real server with real RQ workers, and what must be said of each.

`FAULTS` has them all. A fault is a function that makes it on a `Zoo` and returns the subject that must be named. Where
RQ would take minutes to show it, the old moment is written instead of waited for. `tests/engine/diagnosis/test_zoo.py`
lets them loose on the engine, `benchmarks/faults.py` also on others.
"""

from __future__ import annotations

from . import (
    bench,
    locks,
    maintenance,
    queues,
    records,
    runs,
    schedules,  # each adds its own to FAULTS
    server,
    unusual,
    workers,
)
from .fault import FAULTS, Fault, Zoo

__all__ = (
    "FAULTS",
    "Fault",
    "Zoo",
    "bench",
    "locks",
    "maintenance",
    "queues",
    "records",
    "runs",
    "schedules",
    "server",
    "unusual",
    "workers",
)
