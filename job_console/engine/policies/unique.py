"""Unique keys: while a job with a key waits or runs, no second job with that key is enqueued.

A process claims the key in one atomic step before it enqueues the job. Each claim checks the job that has the key: one
that has ended or was lost, or that was never enqueued because its process died, does not keep the key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from time import monotonic, sleep
from typing import Any

from ..models.jobs import Call
from ..redis import keys
from ..redis.link import Pipeline, Redis, reaching_redis, script
from ..rq.records import text
from . import limits

_AGAIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Refused:
    """The note of a job that was not enqueued, because the job `of` waited or ran."""

    job_id: str
    of: str
    at: datetime
    method: str
    key: str
    queue: str
    site: str | None = None
    user: str | None = None


def claim(redis: Redis, call: Call, key: str, job_id: str, queue: str, reuse: bool = False) -> str | None:
    """Claim a key. None: `job_id` has it now, and is to be enqueued; otherwise the id of the job that has it.

    `reuse`: the key is the job's own id. Takes up to `limits.GHOST_WAIT_S` when the job that has the key is in no
    queue, since a worker may have just taken it. Raises RedisUnavailable.
    """
    suspect, until = "", 0.0
    while True:
        insist = suspect if monotonic() >= until else ""
        with reaching_redis():
            verdict, holder = _ask(redis, call, key, job_id, queue, reuse, insist)
        if verdict != "unsure":
            return None if verdict == "taken" else holder
        if holder != suspect:
            suspect, until = holder, monotonic() + limits.GHOST_WAIT_S
        sleep(_AGAIN_S)


def _ask(redis: Redis, call: Call, key: str, job_id: str, queue: str, reuse: bool, insist: str) -> tuple[str, str]:
    note = {"method": call.method, "site": call.site, "user": call.user, "key": key, "queue": queue}
    ttl_s = limits.UNIQUE_ID_TTL_S if reuse else limits.UNIQUE_TTL_S
    own = (keys.job(job_id), keys.results(job_id), keys.executions(job_id), keys.IN_FAVOUR_PREFIX + job_id)
    names = (keys.unique(call.site or "", key), keys.REFUSED, keys.REFUSED_ORDER, keys.RETRIES, *own)
    answer: Any = redis.eval(
        script("claim_key"),
        len(names),
        *names,
        job_id, ttl_s, int(limits.CLAIM_GRACE_S * 1000), limits.LPOS_DEPTH,
        "reuse" if reuse else "", insist,
        json.dumps(note), limits.REFUSED_NOTES, limits.REFUSED_TTL_S, keys.IN_FAVOUR_PREFIX,
    )  # fmt: skip
    verdict, holder = (text(part) or "" for part in answer)
    return verdict, holder


def give_back(redis: Redis | Pipeline, site: str, key: str, job_id: str) -> None:
    """Release the key: the job has succeeded, or could not be enqueued."""
    redis.eval(script("give_back_key"), 1, keys.unique(site, key), job_id)


def keep(redis: Redis | Pipeline, site: str, key: str) -> None:
    """Keep the key of a failed job, which may be tried again after days; the next claim checks whether it will be."""
    redis.expire(keys.unique(site, key), limits.UNIQUE_TTL_S)


def refused(redis: Redis, job_id: str) -> Refused | None:
    """The note of a job that was refused as a duplicate; None: there is none."""
    note: Any = redis.hget(keys.REFUSED, job_id)
    if note is None:
        return None
    plain = json.loads(note)
    at = datetime.fromtimestamp(float(plain.pop("at")), timezone.utc)
    return Refused(job_id=job_id, at=at, **plain)


def ask_in_favour(pipeline: Pipeline, job_id: str) -> None:
    """Ask how many were refused in favour of a job, in the last day."""
    pipeline.get(keys.IN_FAVOUR_PREFIX + job_id)
