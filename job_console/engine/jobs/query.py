"""A query for jobs: the filters that pages, search and the command line share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import islice
from typing import Any

from ..errors import BadRequest
from ..models.jobs import STATUSES, Job
from ..rq import payload
from ..scope import Scope
from . import limits

#: The state of failed jobs that are out of attempts (dead letters).
DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Query:
    """Empty fields match everything. `method` is a glob when it holds `*` or `?`, else a part of the name."""

    queue: str | None = None
    status: str | None = None
    method: str | None = None
    site: str | None = None
    user: str | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        if self.status and self.status not in (*STATUSES, DEAD):
            raise BadRequest(f"There is no state {self.status!r}; the states are {', '.join((*STATUSES, DEAD))}.")

    @property
    def filters(self) -> bool:
        """Whether records must be read to know if they match (the queue and the state are known from the lists)."""
        return bool(self.method or self.site or self.user or self.text)

    @property
    def statuses(self) -> tuple[str, ...]:
        return (self.status,) if self.status else STATUSES

    def matches(self, job: Job) -> bool:
        call = job.call
        return (
            (not self.site or job.site == self.site)
            and (not self.user or (call.user or "").lower() == self.user.lower())
            and (not self.method or like(self.method, call.method) or like(self.method, call.label))
            and (not self.text or self._has_text(job))
        )

    def may_match_bytes(self, plain: bytes, job_id: str) -> bool:
        """A quick test of an inflated payload: False only when it cannot match.

        A pickle holds text as plain UTF-8, so a name's pieces must be in it; a reference to a function holds module
        and name apart, hence pieces between dots. Numbers and letters beyond ASCII are left to the real look.
        """
        lowered = plain.lower()
        words = _words(self.method, self.site, self.user)
        if self.text and _number(self.text) is None:
            words += _pieces(self.text)
        missing = [word for word in words if word not in lowered]
        if not missing:
            return True
        # A payload without Frappe's wrapper says its site by its id alone.
        lowered = job_id.lower().encode("utf-8", "replace")
        return all(word in lowered for word in missing)

    def _has_text(self, job: Job) -> bool:
        needle = (self.text or "").lower()
        named = (job.id, job.call.method, job.call.label, job.call.user or "")
        return any(needle in value.lower() for value in named) or _inside(needle, job.call.arguments)


def like(pattern: str, name: str) -> bool:
    pattern, name = pattern.lower(), name.lower()
    # Brackets are no wildcard here: people paste names that hold them.
    return fnmatchcase(name, pattern.replace("[", "[[]")) if "*" in pattern or "?" in pattern else pattern in name


@lru_cache(maxsize=64)
def _pieces(pattern: str | None) -> tuple[bytes, ...]:
    """The parts of a pattern that must stand in the payload as they are, but for the case of A to Z. Remembered: a
    search asks for them once a job.
    """
    pieces = re.split(r"[^A-Za-z0-9_]+", pattern or "")
    return tuple(piece.lower().encode() for piece in pieces if piece)


@lru_cache(maxsize=64)
def _words(*patterns: str | None) -> tuple[bytes, ...]:
    return tuple(piece for pattern in patterns for piece in _pieces(pattern))


def _number(text: str) -> int | float | None:
    """A pickle holds numbers in its own way: they cannot be looked for in its bytes."""
    with suppress(ValueError):
        return int(text)
    with suppress(ValueError):
        return float(text)
    return None


def _inside(needle: str, arguments: Any) -> bool:
    """Whether a text or a number stands in a value. Few are looked at: lists can hold each other without end."""
    number, left, todo = _number(needle), limits.SEARCHED_VALUES, [arguments]
    while todo and left > 0:
        value = todo.pop()
        left -= 1
        if isinstance(value, str):
            left -= len(value) // 1_000
            if needle in value.lower():
                return True
        elif isinstance(value, (int, float)):
            if number is not None and value == number and not isinstance(value, bool):
                return True
        else:
            todo += islice(_parts(value), max(left, 0))
    return False


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, payload.Placeholder):
        value = value.contents()
    if isinstance(value, dict):
        return (part for pair in value.items() for part in pair)
    return value if isinstance(value, (list, tuple, set, frozenset)) else ()


def visible(job: Job, query: Query, scope: Scope) -> bool:
    return job.status != "vanished" and scope.owns(job) and query.matches(job)
