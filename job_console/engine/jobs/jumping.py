"""Where in a long list a time stands: looked at here and there, then between the two nearest, until one is left.

Some three steps of two round trips for a million jobs; none of them reads the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..errors import BadRequest
from ..messages import _
from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.records import from_score, moment
from . import ended_pages, limits, segments
from .query import DEAD
from .segments import Segment

_BY_TIME = ("queued", "scheduled", DEAD, *ended_pages.ENDED)


def place_of(redis: Redis, row: Sequence[Segment], at: datetime) -> int:
    """The first member of the row, which is one list by time, that stands at this time or behind it.

    Raises BadRequest for what has no such order.
    """
    row = [segment for segment in row if segment.length]
    if any(segment.status not in _BY_TIME for segment in row) or len({segment.status for segment in row}) > 1:
        raise BadRequest(_("Choose one state: only what waits, is scheduled or has ended stands in the order of time."))
    if len(row) > 1 and any(segment.members is None for segment in row):
        raise BadRequest(_("Choose one lane: these jobs stand lane by lane, not in the order of time."))
    if not row:
        return 0
    newest_first = row[0].status not in ("queued", "scheduled")
    first, last = 0, sum(segment.length for segment in row)
    while last > first:
        step = max((last - first) // limits.JUMP_PLACES, 1)
        places = list(range(first, last, step))
        passed = [_is_before(found, at, newest_first) for found in _moments(redis, row, places)]
        # The first that is not before it; from the one before that on it is looked at again, closer.
        reached = next((number for number, before in enumerate(passed) if not before), len(places))
        if step == 1:
            return places[reached] if reached < len(places) else last
        first = places[reached - 1] + 1 if reached else first
        last = places[reached] if reached < len(places) else last
        if not reached:
            return first
    return first


def _is_before(found: datetime | None, at: datetime, newest_first: bool) -> bool:
    if found is None:
        return True
    return found > at if newest_first else found < at


def _moments(redis: Redis, row: Sequence[Segment], places: Sequence[int]) -> list[datetime | None]:
    parts = [part for place in places for part in segments.window(row, place, 1)]
    entries = segments.read(redis, parts)
    if len(entries) < len(places):  # it has become shorter meanwhile
        entries += [(row[0], "", None)] * (len(places) - len(entries))
    if row[0].status == "scheduled":
        return [from_score(score) for _segment, _id, score in entries]
    pipeline = pipelined(redis)
    for _segment, job_id, _score in entries:
        pipeline.hmget(keys.job(job_id), "enqueued_at", "created_at", "ended_at")
    answers = pipeline.execute(raise_on_error=False)
    return [_moment(answer, score, row[0].status) for answer, (_s, _id, score) in zip(answers, entries, strict=True)]


def _moment(answer: object, score: float | None, status: str) -> datetime | None:
    if not isinstance(answer, list):
        return None
    if status == "queued":
        return moment(answer[0]) or moment(answer[1])
    if status == "canceled":
        return from_score(score)
    return moment(answer[2]) or moment(answer[0])
