"""Where a job that waits for a place stands in line, and who has the places."""

from __future__ import annotations

from dataclasses import dataclass

from ...concurrency.places import place_of
from ...look.reader import JobReader
from ...models.jobs import Job
from ...redis import keys
from ...redis.link import Redis, pipelined
from ...rq.records import text
from .. import limits


@dataclass(frozen=True, slots=True)
class Standing:
    """Of a job that waits for a place."""

    runs: int
    #: A few of those who have one, or for whom one is kept.
    holders: tuple[Job, ...] = ()
    #: Of its own site's, that have waited longer; None: it does not stand in line (any more).
    ahead: int | None = None


def standing(redis: Redis, reader: JobReader, job: Job) -> Standing:
    """Who has the places that this job waits for one of. Two round trips."""
    name, pipeline = place_of(job), pipelined(redis)
    pipeline.hget(keys.place_about(name), "runs")
    pipeline.zrange(keys.place(name), 0, limits.PLACE_HOLDERS - 1)
    pipeline.zrank(keys.place_waits(name, job.site or ""), job.id)
    runs, holders, ahead = pipeline.execute()
    return Standing(int(runs or 0), tuple(reader.read([text(each) or "" for each in holders])), ahead)
