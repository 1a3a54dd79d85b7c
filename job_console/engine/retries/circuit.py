"""The circuit breaker of a method: while every run of it fails, its circuit is open and its retries wait.

`CRASH_LOOP_RUNS` different jobs that fail open it; one job that fails repeatedly does not, since its policy counts its
attempts. Any job of the method that succeeds closes it (a trial or a new one), and so does a person.
lua/circuit.lua writes it, and lua/retry_due.lua holds retries back while it is open.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ..models.retries import Circuit
from ..redis import keys
from ..redis import limits as redis_limits
from ..redis.link import Pipeline, Redis, script
from ..rq.records import from_score, number, text
from . import limits


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


def close(redis: Redis | Pipeline, circuit: str, job_id: str, fields: Sequence[str]) -> Any:
    """By hand, in one step with its entry in the audit trail, whose `fields` these are (`audit.of`).

    (How many retries were let go, less than 0: it was not open; why the trail has no entry.) Nothing yet on a pipeline.
    """
    reported: tuple[Any, ...] = (redis_limits.AUDIT_ENTRIES, job_id, *fields)
    names, closes = (*_keys(circuit), keys.AUDIT, keys.AUDIT_JOBS), script("trail") + script("circuit")
    return redis.eval(closes, len(names), *names, "close", circuit, int(limits.CIRCUIT_TTL_S), *reported)


def _run(redis: Redis | Pipeline, action: str, circuit: str, *more: Any) -> Any:
    names = _keys(circuit)
    return redis.eval(script("circuit"), len(names), *names, action, circuit, int(limits.CIRCUIT_TTL_S), *more)


def _keys(circuit: str) -> tuple[str, ...]:
    return keys.circuit_failed(circuit), keys.circuit_held(circuit), keys.CIRCUITS, keys.RETRIES


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
