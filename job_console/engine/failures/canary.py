"""The canary retry of a group: one job is retried first, and when it ends well the others follow at a rate.

A canary is a small state in Redis, changed by one script (lua/canary.lua), so whoever is alive takes its next turn: the
call that starts it, and sweeps from then on. It goes from `trying` (one job is out) over `releasing` (so many a minute)
to `done`; the first job that fails again, or the n-th same failure among the others, ends it as `stopped`, and people
as `canceled`. What was not released stays failed.

No job is retried twice for it: a job leaves the list of those that are left in the step that takes it out, and the
retry itself is of the run that had failed then (`actions.again` of lua/transition.lua), so a turn that was killed, came
late or was taken by two processes does nothing more than one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ..history import audit
from ..look.reader import JobReader
from ..models.jobs import Job
from ..models.outcomes import AuditEntry
from ..redis import keys
from ..redis import transition as transitions
from ..redis.link import Redis, answers, pipelined, raise_first, script, server_time
from ..redis.transition import Step
from ..rq import fingerprint
from ..rq.records import number, text
from . import limits

TRYING, RELEASING = "trying", "releasing"
_WELL, _GONE = "well", "gone"


@dataclass(frozen=True, slots=True)
class Canary:
    name: str
    #: The queue prefix of the bench whose sweeps look after it.
    bench: str
    #: Of whom it retries jobs; None: of all sites.
    site: str | None
    group: str
    method: str
    type: str
    message: str
    actor: str
    reason: str
    rate: float
    stop_at: int
    started_at: float
    state: str = TRYING
    total: int = 0
    released: int = 0
    well: int = 0
    failed: int = 0
    #: Not to be seen any more after its release: deleted, canceled or stopped by somebody, expired.
    gone: int = 0
    #: Not released: somebody else had retried or deleted it before.
    passed: int = 0
    #: Released, and not ended.
    out: int = 0
    changed_at: float = 0.0
    #: What the last one said that failed again.
    error: str = ""
    #: What stopped it: the fingerprint of that failure.
    why: str = ""

    @property
    def goes_on(self) -> bool:
        return self.state in (TRYING, RELEASING)


_PARAMETERS = (
    "bench",
    "site",
    "group",
    "method",
    "type",
    "message",
    "actor",
    "reason",
    "rate",
    "stop_at",
    "started_at",
)
_COUNTS = ("total", "released", "well", "failed", "gone", "passed")


def start(redis: Redis, canary: Canary, job_ids: Sequence[str]) -> bool:
    """Nothing runs yet: `turn` takes it from here. False: one of that name is under way."""
    parameters = json.dumps({name: getattr(canary, name) for name in _PARAMETERS})
    answer = _ask(
        redis, canary.name, canary.started_at, "start", parameters, repr(canary.rate), canary.stop_at, *job_ids
    )
    return text(answer[0]) == TRYING


def cancel(redis: Redis, name: str) -> bool:
    """What is out runs on. False: it had ended."""
    state, before = (text(part) for part in _ask(redis, name, _now(redis), "cancel"))
    return state == "canceled" and before != state


def turn(redis: Redis, reader: JobReader, canary: Canary) -> Canary:
    """Looks what became of those that are out, and releases those whose turn it is."""
    now = _now(redis)
    _settle(redis, reader, canary, now)
    if canary.goes_on:
        _release(redis, reader, canary, now)
    after = read(redis, canary.name) or canary
    if canary.goes_on and not after.goes_on:
        audit.try_to_record(redis, [_ended(after)])
    return after


def read(redis: Redis, name: str) -> Canary | None:
    pipeline = pipelined(redis)
    pipeline.hgetall(keys.canary(name))
    pipeline.hlen(keys.canary_out(name))
    fields, out = pipeline.execute()
    return _canary(name, fields, out)


def of_bench(redis: Redis, bench: str) -> list[Canary]:
    """Those of a bench, that which changed last first; the ended ones for a while."""
    found: Any = redis.zrevrange(keys.CANARIES, 0, 4 * limits.CANARIES - 1)
    names = [text(member) or "" for member in found]
    pipeline = pipelined(redis)
    for name in names:
        pipeline.hgetall(keys.canary(name))
        pipeline.hlen(keys.canary_out(name))
    answers_ = pipeline.execute()
    canaries = (_canary(*each) for each in zip(names, answers_[::2], answers_[1::2], strict=True))
    return [canary for canary in canaries if canary is not None and _is_of(canary, bench)]


def _is_of(canary: Canary, bench: str) -> bool:
    """One that was started for the whole server is looked after by every bench on it."""
    return canary.bench.startswith(bench) or bench.startswith(canary.bench)


def _canary(name: str, fields: Mapping[Any, Any], out: int) -> Canary | None:
    values = {text(field) or "": value for field, value in fields.items()}
    try:
        parameters = json.loads(values.get("parameters") or b"null")
        counts: dict[str, Any] = {field: int(number(values.get(field)) or 0) for field in _COUNTS}
        return Canary(
            name=name,
            **{field: parameters[field] for field in _PARAMETERS},
            **counts,
            out=out,
            state=text(values.get("state")) or "",
            changed_at=number(values.get("changed_at")) or 0.0,
            error=text(values.get("error")) or "",
            why=text(values.get("why")) or "",
        )
    except (ValueError, TypeError, KeyError):
        return None


def _settle(redis: Redis, reader: JobReader, canary: Canary, now: float) -> None:
    fields: Any = redis.hgetall(keys.canary_out(canary.name))
    out = {text(job_id) or "": value for job_id, value in fields.items()}
    jobs = reader.read(list(out))
    pipeline = pipelined(redis)
    for job in jobs:
        pipeline.hmget(keys.job(job.id), "started_at", "ended_at")
    verdicts: list[str | bytes] = []
    for job, run in zip(jobs, pipeline.execute(), strict=True):
        verdict = _verdict(job, _Out.read(out[job.id]), "|".join(text(part) or "" for part in run))
        if verdict == _AGAIN:
            _retry(redis, canary, [(job, _Out.read(out[job.id]))], now)
        elif verdict is not None:
            verdicts += [job.id, out[job.id], verdict]
            if verdict not in (_WELL, _GONE) and job.error is not None:
                redis.hset(keys.canary(canary.name), "error", f"{job.error.type}: {job.error.message}"[:500])
    _ask(redis, canary.name, now, "settle", *verdicts)


@dataclass(frozen=True, slots=True)
class _Out:
    """A job that is out: the run that had failed, when it was taken out, whether its retry is known to be done."""

    run: str
    at: float
    sent: bool

    @classmethod
    def read(cls, value: bytes) -> _Out:
        run, at, sent = json.loads(value)
        return cls(str(run), float(at), bool(sent))


_AGAIN = "again"


def _verdict(job: Job, out: _Out, run: str) -> str | None:
    """`well`, `gone`, the fingerprint of its new failure, `again` when it was never retried; None: it has not ended."""
    if job.status == "finished":
        return _WELL if job.error is None else fingerprint.of(job.call, job.error).key
    if job.status == "failed":
        if run == out.run and not out.sent:
            return _AGAIN
        return fingerprint.of(job.call, job.error).key if job.error else "unknown"
    return _GONE if job.status in ("vanished", "canceled", "stopped") else None


def _release(redis: Redis, reader: JobReader, canary: Canary, now: float) -> None:
    answer = _ask(redis, canary.name, now, "release", limits.IN_FLIGHT, limits.RELEASED)
    taken = [text(part) or "" for part in answer[1:]]
    jobs = reader.read(taken[::2])
    state = text(answer[0]) or ""
    out = [_Out(run, now, False) for run in taken[1::2]]
    _retry(redis, replace(canary, state=state), list(zip(jobs, out, strict=True)), now)


def _retry(redis: Redis, canary: Canary, jobs: Sequence[tuple[Job, _Out]], now: float) -> None:
    """What cannot be retried, or not yet, stays out: the next turn looks again."""
    moment = datetime.fromtimestamp(now, timezone.utc)
    pipeline = pipelined(redis)
    for job, out in jobs:
        transitions.send(pipeline, _step(canary, job, out, moment))
    done = pipelined(redis)
    for (job, out), answer in zip(jobs, answers(pipeline, len(jobs)), strict=True):
        if not isinstance(answer, Exception) and answer[0] == b"done":
            done.hset(keys.canary_out(canary.name), job.id, json.dumps([out.run, out.at, 1]))
    raise_first(done.execute(raise_on_error=False))


def _step(canary: Canary, job: Job, out: _Out, now: datetime) -> Step:
    return Step(
        job.id,
        job.queue,
        "again",
        now,
        out.run,
        # In no registry for so long: nobody is about to put it anywhere.
        sure=now.timestamp() - out.at > limits.RELEASE_AGAIN_S,
        call=f"canary {canary.name} {canary.started_at} {job.id}",
        reported=audit.fields(
            actor=canary.actor,
            action="retry",
            reason=_reason(canary),
            queue=job.queue,
            site=job.site,
            method=canary.method,
        ),
    )


def _reason(canary: Canary) -> str:
    first = "the first of" if canary.state == TRYING else "one of"
    return f"Canary retry, {first} {canary.total:,}: {canary.reason}".strip()


def _ended(canary: Canary) -> AuditEntry:
    return entry(canary, "end_canary", canary.actor, TRYING, canary.state, _outcome(canary))


def _outcome(canary: Canary) -> str:
    counts = f"{canary.well:,} of {canary.total:,} ended well, {canary.failed:,} failed again"
    return f"{counts}: {canary.error}" if canary.state == "stopped" else f"{counts}."


def entry(canary: Canary, action: str, actor: str, before: str, after: str, reason: str) -> AuditEntry:
    """For the trail."""
    detail = f"{canary.type} ({canary.group})"
    return AuditEntry(
        actor, action, "", True, before, after, reason, site=canary.site, detail=detail, method=canary.method
    )


def _ask(redis: Redis, name: str, now: float, step: str, *arguments: Any) -> list[Any]:
    names = (keys.CANARIES, keys.canary(name), keys.canary_left(name), keys.canary_out(name), keys.CANARIES_ON)
    answer: Any = redis.eval(
        script("canary"), len(names), *names, step, name, repr(now), limits.CANARY_TTL_S, *arguments
    )
    return list(answer)


def _now(redis: Redis) -> float:
    answer: Any = redis.time()
    return server_time(answer).timestamp()
