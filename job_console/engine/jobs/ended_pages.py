"""Pages of ended jobs, in the order of their ends; Redis keeps them by expiry, and separately for each lane."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.endings import USUAL
from ..rq.records import moment, number, text
from . import limits
from .query import DEAD
from .segments import Segment

#: Of each lane's, Redis keeps these by when they ended; the others of `ENDED` by when RQ will drop them.
_BY_END = ("canceled", DEAD)
ENDED = (*USUAL, *_BY_END)
#: (id, score)
Entry = tuple[str, float]


def in_order(redis: Redis, row: Sequence[Segment]) -> list[Segment]:
    """Segments of the jobs of one state, merged and ordered by their ends, newest first, if they are short enough.

    Two round trips. Longer ones stay as they are: lane by lane, and by expiry.
    """
    length = sum(segment.length for segment in row)
    if not row or row[0].status not in ENDED or not 0 < length <= limits.SORTED_ROWS:
        return list(row)
    pipeline = pipelined(redis)
    for segment in row:
        pipeline.zrevrange(segment.registry, 0, -1, True)
    found = [
        (text(member) or "", score, segment.queue)
        for segment, answer in zip(row, pipeline.execute(), strict=True)
        for member, score in answer
    ]
    ends = _ends(redis, row[0].status, [(job_id, score) for job_id, score, _queue in found])
    places = sorted(range(len(found)), key=lambda place: ends[place], reverse=True)
    return list(_runs_of_lanes([found[place] for place in places], row[0].status))


def by_expiry(row: Sequence[Segment]) -> bool:
    """Whether a part of the row is not in the order of ends."""
    left = [segment for segment in row if segment.status in ENDED and segment.members is None and segment.length]
    # One lane's canceled ones do (RQ keeps them for ever, and so by when they were canceled), and its dead ones.
    alone = len(left) == 1 and (left[0].status in _BY_END or left[0].length == 1)
    return bool(left) and not alone


def _runs_of_lanes(found: Sequence[tuple[str, float, str]], status: str) -> Iterator[Segment]:
    """Combines neighbours of the same lane into one segment."""
    start = 0
    for place in range(1, len(found) + 1):
        if place == len(found) or found[place][2] != found[start][2]:
            members = tuple((job_id, score) for job_id, score, _queue in found[start:place])
            yield Segment(found[start][2], status, len(members), members)
            start = place


def _ends(redis: Redis, status: str, members: Sequence[Entry]) -> list[float]:
    """When each of them ended: by its record, else by its score."""
    if status in _BY_END:
        return [score for _job_id, score in members]
    pipeline = pipelined(redis)
    ttl = "failure_ttl" if status == "failed" else "result_ttl"
    for job_id, _score in members:
        pipeline.hmget(keys.job(job_id), "started_at", "ended_at", ttl)
    answers = pipeline.execute(raise_on_error=False)
    return [_ended(answer, score, status) for answer, (_id, score) in zip(answers, members, strict=True)]


def _ended(answer: Any, score: float, status: str) -> float:
    if isinstance(answer, Exception):
        return 0.0
    started, ended, kept = moment(answer[0]), moment(answer[1]), number(answer[2])
    if ended and not (started and ended < started):
        return ended.timestamp()
    seconds = kept if kept is not None else USUAL[status][-1]
    return score - seconds if 0 <= seconds < score else 0.0
