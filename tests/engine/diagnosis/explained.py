"""Benches in which a job waits, runs or has ended, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from job_console.engine.diagnosis.explain import Case, Explanation, because
from job_console.engine.models.bench import Bench, Counts, Lane, Usual
from job_console.engine.models.jobs import Call, Detail, Job, Run
from job_console.engine.models.workers import Worker

from ..bench import LONG

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=timezone.utc)


def before(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def job(state: str = "queued", method: str = "send_email", site: str = "a.localhost", **fields: Any) -> Job:
    call = Call(method, method, "method", site)
    return Job(**{"id": method, "queue": LONG, "status": state, "call": call, "enqueued_at": before(60), **fields})


def running(method: str, ran_s: float, **fields: Any) -> Job:
    started = {"started_at": before(ran_s), "timeout_s": 1500.0, "worker": f"w-{method}"}
    return job("started", method, **{**started, "lease_until": before(-60), **fields})


def worker(doing: Job | None = None, *queues: str, **fields: Any) -> Worker:
    state, name = ("busy", f"w-{doing.call.method}") if doing else ("idle", "w-idle")
    known = {"state": state, "name": name, "queues": queues or (LONG,), "job_id": doing.id if doing else None}
    return Worker(**{**known, "heartbeat_at": before(5), "host": "here", "pid": 7, **fields})


def bench(*doing: Job | None, lane: Lane | None = None, **fields: Any) -> Bench:
    """Workers that do these things, and the lane in which it all happens."""
    busy = tuple(each for each in doing if each)
    lane = lane or Lane(LONG, Counts(queued=1))
    return Bench(
        **{
            "at": NOW,
            "lanes": (replace(lane, running=busy),),
            "workers": tuple(worker(each) for each in doing),
            "held": {each.id: each for each in busy},
            **fields,
        }
    )


def reported(
    subject: Job, around: Bench, position: int | None = None, runs: tuple[Run, ...] = (), **more: Any
) -> Explanation:
    expires = more.pop("expires_at", None)
    return because(Case(Detail(subject, runs, position, None, (), expires), around, **more))


def sentences(explanation: Explanation) -> list[str]:
    return [reason.text for reason in explanation.reasons]


AGING, IMPORT = running("monthly_aging", 720), running("import_bank", 240)
USUAL = {"monthly_aging": Usual(40, 180.0, 800.0, 4.0), "import_bank": Usual(40, 1080.0, 1200.0, 4.0)}
HISTORY = {**USUAL, "send_email": Usual(90, 60.0, 90.0, 2.0)}
