"""Holds: a queue, worker, method or bench that takes no jobs until a time, because a person said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

QUEUE, WORKER, METHOD, BENCH = "queue", "worker", "method", "bench"
KINDS = (QUEUE, WORKER, METHOD, BENCH)


@dataclass(frozen=True, slots=True)
class Hold:
    """It ends at `until` by itself."""

    kind: str
    #: The queue's or the worker's full name; of a method `SITE:METHOD`; of the bench "".
    name: str
    by: str
    reason: str
    at: datetime
    until: datetime

    @property
    def place(self) -> str:
        return place(self.kind, self.name)


def place(kind: str, name: str) -> str:
    """The field of a hold in the hash `keys.HOLDS`."""
    return f"{kind}|{name}"


def of_method(site: str | None, method: str) -> str:
    """The name of a method's hold, which is for one site."""
    return f"{site or ''}:{method}"
