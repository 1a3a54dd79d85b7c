"""Finds the same work waiting several times: equal payloads among the first jobs of a lane.

Asked beside the snapshot, and only of lanes in which work waits long enough to be worth asking.
"""

from __future__ import annotations

from . import keys, limits
from .link import Redis, pipelined, script
from .models import Bench, Repeated
from .reader import JobReader
from .records import moment, text


def find(redis: Redis, reader: JobReader, bench: Bench) -> tuple[Repeated, ...]:
    lanes = [
        lane.name
        for lane in bench.lanes
        if lane.counts.queued >= limits.DUPLICATES
        and lane.oldest_enqueued_at
        and (bench.at - lane.oldest_enqueued_at).total_seconds() > limits.DUPLICATES_WAIT_S
    ]
    if not lanes:
        return ()
    pipeline = pipelined(redis)
    for name in lanes:
        bounds = (limits.REPEATED_ROWS, limits.REPEATED_BYTES, limits.REPEATED_PAYLOAD_BYTES, limits.DUPLICATES)
        pipeline.eval(script("repeated"), 1, keys.queue(name), *bounds)
    groups = [
        (lane, text(job_id) or "", count, moment(since), compared)
        for lane, (compared, *rows) in zip(lanes, pipeline.execute(), strict=True)
        for job_id, count, since in rows
    ]
    jobs = reader.read([job_id for _lane, job_id, *_rest in groups])
    return tuple(
        Repeated(lane, job, count, compared, since)
        for (lane, _id, count, since, compared), job in zip(groups, jobs, strict=True)
        if since is not None and job.status == "queued"
    )
