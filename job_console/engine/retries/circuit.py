"""The circuit breaker of a method: while every run of it fails, its circuit is open and its retries wait.

`CRASH_LOOP_RUNS` different jobs that fail open it; one job that fails repeatedly does not, since its policy counts its
attempts. Any job of the method that succeeds closes it (a trial or a new one), and so does a person.
lua/circuit.lua writes it, and lua/retry_due.lua holds retries back while it is open.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..models.retries import Circuit
from ..redis import keys
from ..redis.link import Pipeline, Redis, script
from ..rq.records import from_score, number, text
from . import limits

if TYPE_CHECKING:
    from ..models.jobs import Job
    from ..models.outcomes import Outcome


def name(site: str | None, method: str) -> str:
    return f"{site or ''}:{method}"


def failed(redis: Redis | Pipeline, circuit: str, job_id: str, queue: str, error: str, at: datetime) -> None:
    site, _colon, method = circuit.partition(":")
    known = {"site": site, "method": method, "job": job_id, "queue": queue, "error": error}
    bounds = (limits.CRASH_LOOP_RUNS, limits.CRASH_LOOP_S, limits.CIRCUIT_TRIAL_S, limits.CIRCUIT_JOBS)
    _run(redis, "failed", circuit, at.timestamp(), job_id, *bounds, json.dumps(known))


def ended_well(redis: Redis | Pipeline, circuit: str) -> None:
    _run(redis, "well", circuit)


def is_open(redis: Redis, circuit: str) -> bool:
    return bool(circuit) and bool(redis.hexists(keys.CIRCUITS, circuit))


def close(redis: Redis, circuit: str) -> int | None:
    """A person closes it. Returns how many retries were released; None: it was not open."""
    let_go = int(_run(redis, "close", circuit))
    return None if let_go < 0 else let_go


def _run(redis: Redis | Pipeline, action: str, circuit: str, *more: Any) -> Any:
    names = (keys.circuit_failed(circuit), keys.circuit_held(circuit), keys.CIRCUITS, keys.RETRIES)
    return redis.eval(script("circuit"), len(names), *names, action, circuit, int(limits.CIRCUIT_TTL_S), *more)


def close_of(redis: Redis, jobs: Mapping[str, Job], job_ids: Sequence[str]) -> dict[str, Outcome]:
    """A person closes the circuits of these jobs' methods. Returns one outcome for each job."""
    from ..models.outcomes import Outcome

    outcomes = {}
    for job_id in job_ids:
        job = jobs[job_id]
        let_go = close(redis, name(job.site, job.call.method))
        why = f"The circuit of {job.call.method} is not open." if let_go is None else ""
        outcomes[job_id] = Outcome(job_id, let_go is not None, job.status, job.status, why)
    return outcomes


def ask(pipeline: Pipeline) -> None:
    """Ask for all that are open; give the answer to `read`."""
    pipeline.hgetall(keys.CIRCUITS)


def read(answer: Any) -> dict[str, Circuit]:
    if not isinstance(answer, dict):
        return {}
    found = ((text(field) or "", _circuit(value)) for field, value in answer.items())
    return {field: circuit for field, circuit in found if circuit is not None}


def _circuit(value: Any) -> Circuit | None:
    try:
        plain = json.loads(value)
        return Circuit(
            site=str(plain["site"]),
            method=str(plain["method"]),
            job_id=str(plain["job"]),
            queue=str(plain["queue"]),
            error=str(plain["error"]),
            opened_at=from_score(number(plain["opened_at"])),
            trial_at=from_score(number(plain["trial_at"])),
            jobs=int(plain["jobs"]),
            held=int(plain["held"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None  # ours, but anybody may write to Redis
