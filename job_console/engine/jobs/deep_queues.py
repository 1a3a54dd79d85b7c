"""Goes through deep queues for jobs that seem to stand in none: once for all of them, in slices.

An action on a ghost has to know that its queue does not have it. Redis would go through the whole list for each id,
and do nothing else meanwhile; so in a deep queue the step itself (lua/transition_steps.lua) looks at the ends only, and
takes over what was found here, unless the job was enqueued since.
"""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic

from ..look.deep_lanes import DeepLanes
from ..policies import limits as policies_limits
from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.records import text
from . import limits

#: Of one that its queue has after all; no record says so.
STANDS = "stands"


def absent(redis: Redis, job_ids: Iterable[str]) -> dict[str, str | None]:
    """Of each job `Step.absent`: "" where its queue is not deep; None where there was no time to go through it."""
    reported = _enqueued(redis, job_ids)
    queues = {job_id: queue for job_id, (queue, _enqueued_at) in reported.items()}
    deep = _deep(redis, set(queues.values()))
    walks = DeepLanes[str](redis)
    for job_id, queue in queues.items():
        if queue in deep:
            walks.look_for(queue, job_id, job_id)
    missing: set[str] = set()
    until = monotonic() + limits.DEEP_QUEUES_S
    while walks.busy and monotonic() < until:
        missing.update(walks.step())
    otherwise = None if walks.busy else STANDS
    return {
        job_id: "" if queue not in deep else f"{queue} {enqueued_at}" if job_id in missing else otherwise
        for job_id, (queue, enqueued_at) in reported.items()
    }


def _enqueued(redis: Redis, job_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Of each job its queue, and when it was put there."""
    ids, pipeline = list(job_ids), pipelined(redis)
    for job_id in ids:
        pipeline.hmget(keys.job(job_id), "origin", "enqueued_at")
    answers = pipeline.execute(raise_on_error=False)
    # An error: the key is no hash, so it is no record, as the step itself will find.
    rows = [["", ""] if isinstance(answer, Exception) else answer for answer in answers]
    return {job_id: (text(row[0]) or "", text(row[1]) or "") for job_id, row in zip(ids, rows, strict=True)}


def _deep(redis: Redis, queues: set[str]) -> set[str]:
    names, pipeline = sorted(queues), pipelined(redis)
    for name in names:
        pipeline.llen(keys.queue(name))
    lengths = pipeline.execute(raise_on_error=False)
    return {
        name
        for name, length in zip(names, lengths, strict=True)
        if not isinstance(length, Exception) and length > policies_limits.LPOS_DEPTH
    }
