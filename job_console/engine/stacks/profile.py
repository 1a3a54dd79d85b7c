"""Answers `profile` in JSON: at which lines a running job spent some seconds. Names only, no values of variables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .. import wording
from ..messages import _
from ..models.jobs import Job
from ..models.stacks import Profile
from ..redis.link import Redis
from . import asking, limits
from .where import frame

Json = dict[str, Any]


def look(redis: Redis, job: Job, now: datetime) -> Json:
    """Takes some seconds. `problem`: why there is none."""
    if job.status != "started":
        return _answer(job, wording.nothing_runs(job.status), None)
    try:
        found = asking.profile(redis, job.id)
    except asking.NotSeen as problem:
        return _answer(job, f"{problem}.", None)
    seen = found is not None and found.samples > 0
    return _answer(job, "" if seen else _("Its process is gone."), found)


def _answer(job: Job, problem: str, found: Profile | None) -> Json:
    most = sorted(found.stacks, key=lambda stack: -stack[0]) if found else []
    shown, rest = most[: limits.PROFILE_STACKS], most[limits.PROFILE_STACKS :]
    return {
        "job_id": job.id,
        "problem": problem,
        "samples": found.samples if found else 0,
        "for_s": round(found.for_s, 2) if found else 0.0,
        "cpu_s": round(found.cpu_s, 2) if found else 0.0,
        "unseen_s": round(found.missed_s + sum(seconds for seconds, _frames in rest), 2) if found else 0.0,
        "stacks": [
            {"seconds": round(seconds, 3), "frames": [frame(each) for each in frames]} for seconds, frames in shown
        ],
    }
