"""A job whose method is paused, in its own process: asked when it starts, put away before it begins.

It stands among RQ's scheduled jobs, like one that waits for a place, and among the retries (`keys.RETRIES`) with the
end of the pause: whatever moves due retries (each job that ends, the duty thread of each host, every sweep) brings it
back.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..models.holds import METHOD, Hold, of_method, place
from ..models.progress import HELD, Parked
from ..progress import limits as progress_limits
from ..progress.record import parked_text
from ..redis import keys
from ..redis.link import Pipeline, Redis, script
from . import holds, limits


def ask(pipeline: Pipeline, site: str, method: str) -> None:
    """One command; give its answer to `held`."""
    pipeline.hget(keys.HOLDS, place(METHOD, of_method(site, method)))


def held(answer: Any, site: str, method: str) -> Hold | None:
    return holds.from_json(place(METHOD, of_method(site, method)), answer, datetime.now(timezone.utc))


def keep(redis: Redis, hold: Hold, job_id: str) -> bool:
    """True: it is to be parked (`hand_over.park`), and comes back when the pause ends. One round trip."""
    parked = Parked(hold.by, datetime.now(timezone.utc), hold.reason, HELD)
    names = (keys.HOLDS, keys.held_jobs(hold.name), keys.RETRIES, keys.progress(job_id))
    arguments = (parked_text(parked), int(progress_limits.PROGRESS_TTL_S), limits.METHOD_JOBS)
    return bool(redis.eval(script("held") + script("keep_job"), len(names), *names, hold.place, job_id, *arguments))
