"""Requests to a running job: to stop, to pause, to hand over, to take more time. They are flags in Redis.

A flag is for one run; the next run of the same job starts without it. The job's own process reads the flags and obeys
them (`runtime`), each time it reports progress; a job that reports none is not affected.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..models.progress import Asked
from ..redis import keys
from ..redis import limits as redis_limits
from ..redis.link import Pipeline, Redis, pipelined, script
from ..rq.records import from_score, moment, text
from . import limits

STOP = "stop"
PAUSE = "pause"
HAND_OVER = "hand_over"
MORE_TIME = "more_time"
#: Steps of a gentle stop after the first, which other processes do (`jobs.stopping`). Written here for people to see.
INTERRUPT = "interrupt"
HARD_STOP = "hard_stop"
KILL = "kill"
WHAT = (STOP, PAUSE, HAND_OVER, MORE_TIME, INTERRUPT, HARD_STOP, KILL)
#: These ask the job to end, and not to be retried.
TO_END = frozenset((STOP, INTERRUPT, HARD_STOP, KILL))


def ask(redis: Redis, job_id: str, what: str, by: str, reason: str = "", seconds: float = 0.0) -> str:
    """Ask the present run of a job. Returns `asked`, `already` (asked before: the first one stands) or, when nothing
    runs, the job's status (`missing` without a record). One round trip.
    """
    state, _untold, _heard = send(redis, job_id, Flag(what, by, reason, seconds))
    return text(state) or "missing"


@dataclass(frozen=True, slots=True)
class Flag:
    what: str
    by: str
    reason: str = ""
    seconds: float = 0.0
    #: What its worker is told of it in the same step: a channel, and a message.
    command: tuple[str, str] = ("", "")
    #: Fields of the audit trail's entry (`audit.of`), which is written in the same step. None: there is none.
    reported: tuple[str, ...] = ()


def send(redis: Redis | Pipeline, job_id: str, flag: Flag) -> Any:
    """As lua/ask.lua answers; nothing yet on a pipeline."""
    if flag.what not in WHAT:
        raise ValueError(f"Nobody can ask for {flag.what!r}.")
    note = json.dumps({"by": flag.by, "reason": flag.reason[: limits.REASON_CHARS], "seconds": flag.seconds})
    names = (keys.asked(job_id), keys.job(job_id), keys.AUDIT, keys.AUDIT_JOBS)
    bounds = (int(limits.ASKED_TTL_S), *flag.command, redis_limits.AUDIT_ENTRIES)
    reported = (job_id, *flag.reported) if flag.reported else ()
    asks = script("trail") + script("ask")
    return redis.eval(asks, len(names), *names, flag.what, note, *bounds, *reported)


def withdraw(redis: Redis, job_id: str, what: str) -> None:
    redis.hdel(keys.asked(job_id), what)


def read(redis: Redis, job_id: str) -> dict[str, Asked]:
    """What is asked of the newest run of a job, by `what`. One round trip."""
    pipeline = pipelined(redis)
    pipeline.hgetall(keys.asked(job_id))
    pipeline.hget(keys.job(job_id), "started_at")
    fields, started_at = pipeline.execute()
    return of_run([part for pair in fields.items() for part in pair], moment(started_at))


def of_run(answer: Sequence[Any], started_at: datetime | None) -> dict[str, Asked]:
    """From the hash's fields and values: what is asked of the run that started then."""
    named = {text(name): value for name, value in zip(answer[::2], answer[1::2], strict=True)}
    if moment(named.get("run")) != started_at:
        return {}
    return {what: _asked(what, named[what]) for what in WHAT if what in named}


def ended_so(answer: Sequence[Any], started_at: datetime | None) -> bool:
    """Whether somebody asked the run to end that began at `started_at`, and has ended.

    RQ writes the start of a run up to three times (the worker, the work-horse, and the job as it begins), so the
    recorded time may differ from the one that the flag has by up to `SAME_RUN_S`.
    """
    named = {text(name): value for name, value in zip(answer[::2], answer[1::2], strict=True)}
    run = moment(named.get("run"))
    if run is None or started_at is None or not TO_END & named.keys():
        return False
    return abs((run - started_at).total_seconds()) <= limits.SAME_RUN_S


def _asked(what: str, value: Any) -> Asked:
    """Ours, but anybody may write to Redis: what cannot be read was still asked."""
    try:
        note = json.loads(value)
        return Asked(
            what=what,
            by=str(note["by"]),
            at=from_score(float(note["at"])),
            reason=str(note.get("reason", "")),
            seconds=float(note.get("seconds", 0.0)),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return Asked(what, "somebody")


def words(flags: Mapping[str, Asked], what: str) -> str:
    """`by sam@example.com: the reason they gave`."""
    asked = flags[what]
    return f"by {asked.by}" + (f": {asked.reason}" if asked.reason else "")
