"""Pages of one site's jobs, in the row of all: ids say whose they are, so only those of the page are read.

A million ids are gone through in about a second: they stay bytes, and only the last ones are kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import Any

from ..look import limits as look_limits
from ..redis.link import Redis, pipelined
from ..rq.call import marks_of, names_a_site
from ..rq.records import text
from . import limits, segments
from .segments import Segment
from .walked import Walked

#: (segment, job id, score), as `segments.read` has them.
_Entry = tuple[Segment, str, float | None]


def entries_of(
    redis: Redis, row: Sequence[Segment], site: str, number: int, size: int, after: str | None
) -> tuple[list[_Entry], Walked] | None:
    """What stands on the page, or on the last one that was reached in `limits.SITE_PAGE_S`; and how far it came. None:
    an id names no site, so that the records must be read to know.
    """
    marks = tuple(mark.encode() for mark in marks_of(site))
    walked = Walked.after(after, sum(segment.length for segment in row), (number - 1) * size)
    wanted = number * size
    kept: deque[tuple[Segment, Any]] = deque(maxlen=2 * size)
    deadline = monotonic() + limits.SITE_PAGE_S
    while not walked.whole and walked.passed < wanted:
        ahead = 2 * (wanted - walked.passed)
        ahead = min(max(ahead, look_limits.PAGE_SIZE_MAX), look_limits.LIST_CHUNK * limits.LIST_CHUNKS)
        parts = segments.window(row, walked.scanned, ahead)
        for segment, answer in _read(redis, parts):
            own = _own(segment, answer, marks)
            if own is None:
                return None
            kept.extend((segment, each) for each in own[: max(wanted - walked.passed, 0)][-2 * size :])
            walked.passed += len(own)
        walked.scanned += sum(count for _segment, _start, count in parts)
        if monotonic() >= deadline:
            break
    first = min(walked.passed, wanted) - len(kept)
    page = (walked.shown(number, size) - 1) * size - first
    return [_entry(segment, each) for segment, each in list(kept)[max(page, 0) : max(page + size, 0)]], walked


def _read(redis: Redis, parts: Sequence[tuple[Segment, int, int]]) -> list[tuple[Segment, list[Any]]]:
    """Each segment with its members in these windows: ids in a queue, (member, score) elsewhere. One round trip."""
    pieces = [
        (segment, first, min(start + count - first, look_limits.LIST_CHUNK))
        for segment, start, count in parts
        for first in range(start, start + count, look_limits.LIST_CHUNK)
    ]
    pipeline = pipelined(redis)
    for segment, start, count in pieces:
        if segment.members is None:
            segment.ask(pipeline, start, count)
    answers = iter(pipeline.execute())
    return [
        (segment, next(answers) if segment.members is None else _encoded(segment.members[start : start + count]))
        for segment, start, count in pieces
    ]


def _encoded(members: Sequence[tuple[str, float]]) -> list[tuple[bytes, float]]:
    return [(member.encode(), score) for member, score in members]


def _own(segment: Segment, answer: list[Any], marks: tuple[bytes, ...]) -> list[Any] | None:
    """Those of the site. None: one of the others names no site."""
    if segment.status == "queued":
        own = [member for member in answer if member.startswith(marks)]
        others = (member for member in answer if not member.startswith(marks))
    else:
        own = [pair for pair in answer if pair[0].startswith(marks)]
        others = (pair[0] for pair in answer if not pair[0].startswith(marks))
    return own if len(own) == len(answer) or all(map(names_a_site, others)) else None


def _entry(segment: Segment, member: Any) -> _Entry:
    if segment.members is not None:
        return segment, text(member[0]) or "", member[1]
    ((job_id, score),) = segment.entries([member])
    return segment, job_id, score
