"""One condition of a query: `method:sync_*`, `-user:mia`, `age:>1h`, `arg.invoice:SINV-1`. Pure.

A term has alternatives (`status:failed,canceled`), of which one must be true; negated, none may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from ..models.jobs import Job
from ..rq import fingerprint, payload
from .redact import Redaction
from .words import equals, inside, like, number, pieces

#: What stands before the name of an argument.
ARGUMENT = "arg."


@dataclass(frozen=True, slots=True)
class Bound:
    """`>1h`: an operator, and seconds or a count."""

    operator: str
    amount: float

    def holds(self, value: float | None) -> bool:
        if value is None:
            return False
        if self.operator == "=":
            return value == self.amount
        below = value < self.amount or (self.operator == "<=" and value == self.amount)
        above = value > self.amount or (self.operator == ">=" and value == self.amount)
        return below if self.operator.startswith("<") else above


@dataclass(frozen=True, slots=True)
class Term:
    """`start`: where it stands in its query."""

    field: str
    values: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = ()
    negated: bool = False
    start: int = 0

    def holds(self, job: Job, at: datetime, redaction: Redaction | None) -> bool:
        """What a `redaction` hides is not found: else asking would tell it, one letter after the other."""
        return self._found(job, at, redaction) is not self.negated

    def covers(self, *names: str) -> bool:
        """Of a lane or a state: whether it is one of those that the term names."""
        return any(value.lower() == name.lower() for value in self.values for name in names) is not self.negated

    def _found(self, job: Job, at: datetime, redaction: Redaction | None) -> bool:
        if self.field in MEASURES:
            measured = MEASURES[self.field](job, at)
            return any(bound.holds(measured) for bound in self.bounds)
        if self.field.startswith(ARGUMENT):
            shown = redaction.of_call(job.call) if redaction else job.call.arguments
            found = list(_at_path(shown, self.field.removeprefix(ARGUMENT)))
            return any(equals(value, each) for value in self.values for each in found)
        if self.field == "error":
            return any(_failed_with(job, value, redaction) for value in self.values)
        return any(NAMES[self.field](job, value) for value in self.values)

    @property
    def in_payload(self) -> bool:
        """Whether a job's payload must be read to know."""
        return self.field in ("method", "user", "site", "text") or self.field.startswith(ARGUMENT)


@lru_cache(maxsize=64)
def needed(term: Term) -> tuple[tuple[bytes, ...], ...]:
    """What must stand in the payload or in the id: of one of these rows, all. Empty: nothing. Remembered: a search asks
    once a job.

    A pickle holds text as plain UTF-8; numbers, and what a placeholder stands for, it holds in its own way.
    """
    if term.negated or not term.in_payload or any(_unwritten(value) for value in term.values):
        return ()
    return tuple(pieces(value) for value in term.values)


def _unwritten(value: str) -> bool:
    return number(value) is not None or value.lower() in ("true", "false", "none", "null")


def _named(job: Job, value: str) -> bool:
    return like(value, job.call.method) or like(value, job.call.label)


def _failed_with(job: Job, value: str, redaction: Redaction | None) -> bool:
    if job.error is None:
        return False
    message = redaction.text(job.error.message) if redaction else job.error.message
    return like(value, job.error.type) or like(value, message)


def _of_group(job: Job, value: str) -> bool:
    if job.status != "failed" or job.error is None:
        return False
    return fingerprint.of(job.call, job.error).key == value.lower()


def _has_text(job: Job, value: str) -> bool:
    needle = value.lower()
    named = (job.id, job.call.method, job.call.label, job.call.user or "")
    return any(needle in name.lower() for name in named) or inside(needle, job.call.arguments)


#: Fields whose values are names, or parts of them, or globs, with what says whether a job has one.
NAMES: dict[str, Callable[[Job, str], bool]] = {
    "method": _named,
    "user": lambda job, value: like(value, job.call.user or ""),
    "site": lambda job, value: like(value, job.site or "") if _is_glob(value) else (job.site or "") == value,
    "worker": lambda job, value: like(value, job.worker or ""),
    "id": lambda job, value: like(value, job.id),
    "group": _of_group,
    "text": _has_text,
}


def _is_glob(value: str) -> bool:
    return "*" in value or "?" in value


def _age(job: Job, at: datetime) -> float | None:
    return _since(job.enqueued_at or job.created_at, at)


def _since(moment: datetime | None, at: datetime) -> float | None:
    return (at - moment).total_seconds() if moment else None


#: Fields that are measured: seconds, or a count.
MEASURES: dict[str, Callable[[Job, datetime], float | None]] = {
    "age": _age,
    "ran": lambda job, at: job.elapsed_s(at),
    "ended": lambda job, at: _since(job.ended_at, at) if job.status != "started" else None,
    "due": lambda job, at: (job.due_at - at).total_seconds() if job.due_at else None,
    "attempt": lambda job, at: float(job.attempt),
}
#: Of these those that count; the others are durations.
COUNTS = ("attempt",)
#: Besides: the list in which a job stands, and what its error says.
OTHERS = ("status", "queue", "error")


def _at_path(arguments: Any, path: str) -> Iterable[Any]:
    """What stands at `invoice`, or at `filters.company`: names may themselves hold dots."""
    if isinstance(arguments, payload.Placeholder):
        arguments = arguments.contents()
    if isinstance(arguments, (list, tuple)):
        for each in arguments[:100]:
            yield from _at_path(each, path)
    elif isinstance(arguments, dict) or hasattr(arguments, "items"):
        for name, value in list(arguments.items())[:1_000]:
            if not isinstance(name, str):
                continue
            if name.lower() == path.lower():
                yield value
            elif path.lower().startswith(name.lower() + "."):
                yield from _at_path(value, path[len(name) + 1 :])
