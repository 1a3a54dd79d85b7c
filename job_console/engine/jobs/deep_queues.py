"""Goes through deep queues for jobs that seem to stand in none: once for all of them, in slices.

An action has to know where its job stands, and one on a ghost that no queue has it. Redis would go through the whole
list for each id, and do nothing else meanwhile; so in a deep queue the step itself (lua/transition_places.lua) looks
only where the job ought to be, and takes over what was found here, unless the job was enqueued since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import monotonic

from ..look.deep_lanes import DeepLanes
from ..policies import limits as policies_limits
from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.records import text
from . import limits


def stands(place: int) -> str:
    """Of one that its queue has after all; `place`: counted from the end, where -1 is the last one."""
    return f"stands {place}"


def elsewhere(place: int, queue: str) -> str:
    """Of one that another queue than its own has."""
    return f"elsewhere {place} {queue}"


def absent(
    redis: Redis, job_ids: Iterable[str], queue: str | None = None, others: Sequence[str] = ()
) -> dict[str, str | None]:
    """Of each job `Step.absent`: "" where no queue is deep; None where there was no time to go through them.

    `queue`: the one that holds these ids, which have no records. `others`: of the bench, which may hold them, too.
    """
    reported = _enqueued(redis, job_ids)
    if queue is not None:
        reported = dict.fromkeys(reported, (queue, ""))
    answers: dict[str, str | None] = dict.fromkeys(reported, "")
    until = monotonic() + limits.DEEP_QUEUES_S
    for name in _deep(redis, {*(own for own, _enqueued_at in reported.values()), *others}):
        wanted = [job_id for job_id, answer in answers.items() if _is_open(answer, reported[job_id], name, others)]
        missing, places = _walk(redis, name, wanted, until)
        for job_id in wanted:
            own, enqueued_at = reported[job_id]
            if job_id in missing:
                answers[job_id] = f"{own} {enqueued_at}"
            elif job_id in places:
                answers[job_id] = stands(places[job_id]) if name == own else elsewhere(places[job_id], name)
            else:
                answers[job_id] = None
    return answers


def _is_open(answer: str | None, reported: tuple[str, str], name: str, others: Sequence[str]) -> bool:
    """Whether this queue may have it, which no other one was found to have."""
    own, enqueued_at = reported
    return answer in ("", f"{own} {enqueued_at}") and (name == own or name in others)


def _walk(redis: Redis, name: str, job_ids: Sequence[str], until: float) -> tuple[set[str], dict[str, int]]:
    """(those that it does not have, the places of those that it has); in neither: there was no time."""
    lanes, missing = DeepLanes[str](redis), set[str]()
    lanes.places = {}
    for job_id in job_ids:
        lanes.look_for(name, job_id, job_id)
    while lanes.busy and monotonic() < until:
        missing.update(lanes.step())
    return missing, lanes.places


def _enqueued(redis: Redis, job_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Of each job its queue, and when it was put there."""
    ids, pipeline = list(job_ids), pipelined(redis)
    for job_id in ids:
        pipeline.hmget(keys.job(job_id), "origin", "enqueued_at")
    answers = pipeline.execute(raise_on_error=False)
    # An error: the key is no hash, so it is no record, as the step itself will find.
    rows = [["", ""] if isinstance(answer, Exception) else answer for answer in answers]
    return {job_id: (text(row[0]) or "", text(row[1]) or "") for job_id, row in zip(ids, rows, strict=True)}


def _deep(redis: Redis, queues: set[str]) -> list[str]:
    names, pipeline = sorted(queues), pipelined(redis)
    for name in names:
        pipeline.llen(keys.queue(name))
    lengths = pipeline.execute(raise_on_error=False)
    return [
        name
        for name, length in zip(names, lengths, strict=True)
        if not isinstance(length, Exception) and length > policies_limits.LPOS_DEPTH
    ]
