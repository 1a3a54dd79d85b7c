"""Reads the few facts that only an explanation needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ...concurrency import places
from ...history import audit, failures_log, statistics
from ...look import limits as look_limits
from ...look import snapshot
from ...look.reader import JobReader
from ...models.bench import Lane
from ...models.jobs import Job
from ...models.outcomes import AuditEntry
from ...models.stacks import Seen
from ...policies import limits as policies_limits
from ...redis import keys, list_position
from ...redis.link import Redis, denied, if_allowed, pipelined, raise_first, wrong_type
from ...rq import limits as rq_limits
from ...rq.records import KILLS
from ...stacks import post_mortem
from .case import Facts
from .concurrency import standing

#: Besides the running ones, of which the job knows (`lease_until`).
_REGISTRIES = ("scheduled", "deferred", "failed", "canceled", "finished")
#: Where it may stand, in the order in which it is asked.
_PLACES = ("intermediate", "queue", *_REGISTRIES)


def read(
    redis: Redis,
    reader: JobReader,
    job: Job,
    now: datetime,
    depth: int = 0,
    noted: bool | None = None,
    lanes: Sequence[str] = (),
) -> Facts:
    """Two round trips; a third for a scheduled job that has finished, one that was killed, one that waits and is not in
    its queue, or one that waits for very many jobs; two more for one that waits for a place. `depth`: of its lane.
    `noted`: whether it stands among the running ones; None: not known. `lanes`: other ones where something waits.
    """
    awaited = job.dependencies[: rq_limits.ITEMS] if job.status == "deferred" else ()
    pipeline = pipelined(redis)
    audit.ask_last(pipeline, job.id)
    list_position.ask(pipeline, keys.intermediate(job.queue), job.id, policies_limits.LPOS_DEPTH)
    list_position.ask(pipeline, keys.queue(job.queue), job.id, policies_limits.LPOS_DEPTH)
    for registry in _REGISTRIES:
        pipeline.zscore(keys.registry(registry, job.queue), job.id)
    reader.queue_reads(pipeline, awaited)
    answers = pipeline.execute(raise_on_error=False)
    last, reported, rows = answers[0], answers[1 : 1 + len(_PLACES)], answers[1 + len(_PLACES) :]
    raise_first((last, *reported), unless=_unknown)
    raise_first(rows)
    found = {place: score for place, score in zip(_PLACES, reported, strict=True) if not _unknown(score)}
    in_line = found.get("queue") is not None or found.get("intermediate") is not None
    other_lane = "" if in_line or job.status != "queued" else _other_lane(redis, job, lanes)
    history = if_allowed(lambda: statistics.usual(redis, [job.call.method], now)) or {}
    return Facts(
        action=_of_this_life(audit.last(None if denied(last) else last), job),
        between_lists=found.get("intermediate") is not None,
        places=None if other_lane else _places(job, found, depth, noted),
        other_lane=other_lane,
        dependencies=tuple(reader.jobs(awaited, rows)),
        awaited=snapshot.statuses(redis, [job]) if len(awaited) < len(job.dependencies) else {},
        usual=history.get(job.call.method),
        remains=_remains(redis, job),
        hidden_failure=_hidden_failure(redis, job),
        standing=if_allowed(lambda: standing(redis, reader, job)) if places.place_of(job) else None,
    )


def _other_lane(redis: Redis, job: Job, lanes: Sequence[str]) -> str:
    """Where its id waits instead: its queue was renamed, or it was put there by hand. Of deep lanes the head counts."""
    others = [name for name in lanes if name != job.queue]
    pipeline = pipelined(redis)
    for name in others:
        list_position.ask(pipeline, keys.queue(name), job.id, policies_limits.LPOS_DEPTH)
    answers = pipeline.execute(raise_on_error=False) if others else []
    raise_first(answers, unless=_unknown)
    return next((name for name, at in zip(others, answers, strict=True) if isinstance(at, int)), "")


def _unknown(answer: object) -> bool:
    """Where we may not look, or where something else stands (`broken_key`)."""
    return denied(answer) or wrong_type(answer)


def noted(lane: Lane | None, job_id: str) -> bool | None:
    """Whether a look has seen it among the running ones of its lane; None: there are more than a look reads."""
    if lane is None:
        return None
    if any(job.id == job_id for job in lane.running):
        return True
    return None if lane.counts.started > look_limits.RUNNING_ROWS else False


def _places(job: Job, reported: Mapping[str, Any], depth: int, noted: bool | None) -> frozenset[str] | None:
    """None: it may stand behind what was looked at of a deep lane, or where we may not look (another bench's)."""
    found = {place for place, score in reported.items() if score is not None}
    if len(reported) < len(_PLACES) or ("queue" not in found and depth > policies_limits.LPOS_DEPTH):
        return None
    # RQ 2 keeps the executions of a job apart, and after a run that was called abandoned they are still there.
    runs = job.lease_until is not None if noted is None or job.status == "started" else noted
    return frozenset(found | ({"started"} if runs else set()))


def _remains(redis: Redis, job: Job) -> Seen | None:
    killed = job.status == "failed" and job.error is not None and job.error.type in KILLS
    return if_allowed(lambda: post_mortem.read(redis, [(job.id, job.started_at)])[0]) if killed else None


def _of_this_life(entry: AuditEntry | None, job: Job) -> AuditEntry | None:
    """Ids are used again (those of Frappe's schedules always): what was done to an earlier job does not count."""
    earlier = entry and entry.at and job.created_at and entry.at < job.created_at
    return None if earlier else entry


def _hidden_failure(redis: Redis, job: Job) -> str | None:
    """Frappe swallows what a scheduled job or a document's action raises, and RQ sees success; our own record knows
    better."""
    if job.call.kind not in ("scheduled", "document") or job.status != "finished" or job.started_at is None:
        return None
    for failed in if_allowed(lambda: failures_log.of_method(redis, job.site, job.call.method)) or ():
        if failed.job_id == job.id and failed.at >= job.started_at:
            return f"{failed.type}: {failed.message}" if failed.message else failed.type
    return None
