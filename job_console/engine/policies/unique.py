"""Unique keys: while a job with a key waits or runs, no second one is enqueued.

Taken in one step, before the job is enqueued, and looked at again by everybody who wants it: a job that ended, that was
lost, or that was never enqueued because its process died, blocks nobody.
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
    """A job that was not enqueued, because `of` waited or ran."""

    job_id: str
    of: str
    at: datetime
    method: str
    key: str
    queue: str
    site: str | None = None
    user: str | None = None


def claim(redis: Redis, call: Call, key: str, job_id: str, queue: str, reuse: bool = False) -> str | None:
    """None: `job_id` has the key, and is to be enqueued now; else the job that has it. `reuse`: the key is that id.

    Takes up to `limits.GHOST_WAIT_S` when the job that has it stands nowhere: a worker may have just taken it. Raises
    RedisUnavailable.
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
    """The job has ended, or could not be enqueued: nobody has to ask what became of it."""
    redis.eval(script("give_back_key"), 1, keys.unique(site, key), job_id)


def keep(redis: Redis | Pipeline, site: str, key: str) -> None:
    """The job has failed, and may be tried again after days. Whoever wants the key sees whether it is."""
    redis.expire(keys.unique(site, key), limits.UNIQUE_TTL_S)


def refused(redis: Redis, job_id: str) -> Refused | None:
    """What is remembered of a job that was refused as a duplicate."""
    note: Any = redis.hget(keys.REFUSED, job_id)
    if note is None:
        return None
    plain = json.loads(note)
    at = datetime.fromtimestamp(float(plain.pop("at")), timezone.utc)
    return Refused(job_id=job_id, at=at, **plain)


def ask_in_favour(pipeline: Pipeline, job_id: str) -> None:
    """Ask how many were refused in favour of a job, in the last day."""
    pipeline.get(keys.IN_FAVOUR_PREFIX + job_id)
