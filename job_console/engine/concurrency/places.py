"""Places in Redis: a job that starts takes one or is parked until one is free. All of it is one script, lua/place.lua.

A holder counts as long as it runs: its worker's record names the job or, when the worker is gone, the reader of its
host (`stacks`) still finds its process. So a killed job frees its place, without a lease that somebody would have to
renew. A parked job is in RQ's registry of scheduled jobs: losing our keys loses no job.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..messages import _
from ..models.jobs import Call, Job
from ..models.policies import Policy
from ..models.progress import PLACE, Parked
from ..policies import templates
from ..progress.record import parked_text
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined, script
from ..retries.models import stamp
from ..rq.records import text
from . import limits

#: In the place of a site's name: a limit for all sites together.
_BENCH = "*"


@dataclass(frozen=True, slots=True)
class Bound:
    """No more than `runs` of those that share `name` run at once."""

    name: str
    runs: int
    #: For people: who set the limit, and what it limits.
    by: str
    of: str = ""

    @property
    def reached(self) -> str:
        return _("{runs} of {limit} {of} running").format(runs=self.runs, limit=self.runs, of=self.of)


def of_policy(policy: Policy, call: Call, site: str) -> Bound | None:
    limit = policy.limit
    if limit is None:
        return None
    if limit.per == "key":
        name = f"{site}:key:{templates.of_call(limit.key or '', policy, call)}"
    else:
        name = f"{_BENCH if limit.per == 'bench' else site}:{policy.kind}:{policy.pattern}"
    return Bound(name, limit.runs, _("its policy {policy}").format(policy=policy.name))


def of_lane(lane: str, runs: int, site: str) -> Bound:
    """The limit on all runs of one site in a lane, so that it cannot occupy all of the lane's workers."""
    return Bound(
        f"{site}:lane:{lane}",
        runs,
        _("the bench's limit for each site"),
        _("of this site's jobs in {lane}").format(lane=lane),
    )


def take(redis: Redis, bound: Bound, site: str, job_id: str, created_at: datetime | None) -> bool:
    """Take a place. False: none is free; the caller parks the job (`hand_over.park`). Idempotent. One round trip."""
    now = datetime.now(timezone.utc)
    parked = Parked(bound.by, now, bound.reached, PLACE, bound.name)
    made = stamp_s(created_at or now)
    return bool(_run(redis, "take", bound.name, job_id, site, bound.runs, made, parked_text(parked)))


def leave(redis: Redis | Pipeline, name: str, job_id: str) -> None:
    """The run has ended: give its place back, and put the job that waits longest into its queue."""
    _run(redis, "leave", name, job_id)


def look(redis: Redis | Pipeline, name: str) -> None:
    """Give the places of dead holders to those who wait."""
    _run(redis, "look", name, "")


def stamp_s(moment: datetime) -> float:
    """RQ 1 has times without a zone; they are UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def _run(redis: Redis | Pipeline, action: str, name: str, job_id: str, *more: Any) -> Any:
    names = (
        *(keys.place(name), keys.place_line(name), keys.place_about(name), keys.PLACES, keys.RETRIES, keys.ARMED),
        *(keys.QUEUES, keys.progress(job_id), *(keys.place_waits(name, site) for site in more[:1])),
    )
    bounds = (int(limits.PLACE_TTL_S), limits.PLACE_KEPT_S)
    now = stamp(datetime.now(timezone.utc))
    return redis.eval(
        script("place"), len(names), *names, action, name, keys.place_waits(name), *bounds, now, job_id, *more
    )


def waited_for(redis: Redis) -> list[str]:
    found: Any = redis.zrange(keys.PLACES, 0, limits.PLACES_LOOKED_AT - 1)
    return [text(name) or "" for name in found]


def stands(redis: Redis, jobs: Sequence[Job]) -> list[bool]:
    """Whether each of these parked jobs stands in the line of its place."""
    pipeline = pipelined(redis)
    for job in jobs:
        pipeline.zscore(keys.place_waits(place_of(job), job.site or ""), job.id)
    return [score is not None for score in pipeline.execute()] if jobs else []


def place_of(job: Job) -> str:
    """The name of the place that a job waits for; "" when it waits for none."""
    parked = job.progress.parked if job.progress else None
    return parked.place if parked is not None and parked.until == PLACE else ""
