"""Answers `where` in JSON: where a running job is. Names of files, lines and functions, addresses of sockets; no values
of variables.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from .. import wording
from ..models.jobs import Job
from ..models.stacks import Frame, Sample, Seen, Stack
from ..redis.link import Redis
from . import asking, verdict
from .verdict import Verdict

Json = dict[str, Any]
#: Progress that was reported within so many seconds counts for more than the stacks.
FRESH_S = 5.0


def look(redis: Redis, job: Job, now: datetime) -> Json:
    """Where a running job is, at this moment. Takes some seconds: two samples are compared."""
    if job.status != "started":
        return _answer(job, Verdict("gone", wording.nothing_runs(job.status)), None)
    try:
        seen = asking.ask(redis, job.id)
    except asking.NotSeen as problem:
        return _answer(job, Verdict("unknown", f"{problem}."), None)
    silent = job.progress.silent_s(now) if job.progress else None
    return _answer(job, verdict.of(seen, progressing=silent is not None and silent < FRESH_S), seen)


def _answer(job: Job, found: Verdict, seen: Seen | None) -> Json:
    return {
        "job_id": job.id,
        "verdict": found.kind,
        "text": found.text,
        "place": found.place and frame(found.place),
        "waits_for": found.waits_for,
        "port": _port(seen.after) if seen else None,
        "for_s": round(found.for_s, 1),
        "process": seen and _process(seen.before, seen.after),
        "native": [{"function": each.function, "library": each.library} for each in seen.native] if seen else [],
        "stacks": [_stack(stack) for stack in seen.after.stacks] if seen else [],
        "at": _time(seen.after.at) if seen else None,
        "statement": None,  # a host that knows the site's database adds it
    }


def _port(sample: Sample) -> int | None:
    """The local port of the socket that the job waits for, by which a database server knows the connection."""
    wait = next((thread.wait for thread in sample.process.threads), None)
    return wait.port if wait and wait.port else None


def _process(before: Sample, after: Sample) -> Json:
    passed = after.at - before.at
    return {
        "state": after.process.state,
        "cpu_s": round(after.process.cpu_s, 2),
        "cpu_share": round((after.process.cpu_s - before.process.cpu_s) / passed, 2) if passed > 0 else None,
        "memory_bytes": after.process.rss_bytes,
        "peak_memory_bytes": after.process.peak_bytes,
        "threads": len(after.process.threads) + after.process.more_threads,
    }


def _stack(stack: Stack) -> Json:
    return {"main": stack.main, "frames": [frame(each) for each in stack.frames]}


def frame(at: Frame) -> Json:
    return {"file": at.file, "line": at.line, "function": at.function}


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
