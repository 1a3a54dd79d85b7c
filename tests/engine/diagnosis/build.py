"""Benches as values, for detectors: all is well unless a test says otherwise. `ago(60)` is a minute before `NOW`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from job_console.engine.diagnosis import causes
from job_console.engine.diagnosis.detectors import findings
from job_console.engine.models.bench import Bench, Counts, FailedRun, Lane, RedisHealth, Repeated, Usual
from job_console.engine.models.ended_well import EndedWell
from job_console.engine.models.jobs import Call, Job
from job_console.engine.models.lately import LaneLately, MethodLately, Past, PastFailures, ScheduleLately
from job_console.engine.models.policies import Policy
from job_console.engine.models.policy_match import Policies, PolicySet
from job_console.engine.models.progress import Progress
from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.models.sweeps import RecentWorker
from job_console.engine.models.workers import Worker

NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)
SHORT, LONG = "bench:short", "bench:long"
SITE = "a.localhost"
METHOD = "shop.sync"


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def call(method: str = METHOD, **more: Any) -> Call:
    return Call(method, more.pop("label", method), more.pop("kind", "method"), site=more.pop("site", SITE), **more)


def job(job_id: str = "j1", status: str = "queued", **more: Any) -> Job:
    usual = {"call": call(), "timeout_s": 300.0, "enqueued_at": ago(10), "queue": SHORT}
    return Job(id=job_id, status=status, **{**usual, **more})


def running(job_id: str = "j1", ran: float = 10, **more: Any) -> Job:
    usual = {"started_at": ago(ran), "worker": "w1", "lease_until": ago(-60), "heartbeat_at": ago(5)}
    return job(job_id, "started", **{**usual, **more})


def said(**more: Any) -> Progress:
    return Progress(**{"done": 41_230, "total": 80_000, "at": ago(1), **more})


def worker(name: str = "w1", state: str = "busy", job_id: str | None = "j1", **more: Any) -> Worker:
    usual = {"queues": (SHORT,), "heartbeat_at": ago(5), "host": "host", "pid": 1}
    return Worker(name, state, job_id=job_id if state == "busy" else None, **{**usual, **more})


def lane(name: str = SHORT, **more: Any) -> Lane:
    head = more.get("head", ())
    oldest = min((each.enqueued_at for each in head if each.enqueued_at), default=None)
    return Lane(name, **{"counts": Counts(queued=len(head)), "oldest_enqueued_at": oldest, **more})


def bench(*lanes: Lane, **more: Any) -> Bench:
    workers = more.pop("workers", (worker("w0", "idle"),))
    reported = more.pop("schedule", None)
    more["schedules"] = {reported.site: reported} if reported else {}
    return Bench(at=NOW, lanes=lanes, workers=tuple(workers), **more)


def usual(**more: Any) -> Usual:
    return Usual(**{"runs": 50, "median_s": 180.0, "p99_s": 240.0, "wait_median_s": 1.0, **more})


def ruled(site: str = SITE, **said: Any) -> Policies:
    """A policy for `METHOD`."""
    return Policies({site: PolicySet([Policy("P", "method", METHOD, **said)])})


def failed(seconds_ago: float, method: str = METHOD, kind: str = "ValueError", **more: Any) -> FailedRun:
    values = {"job_id": f"f{seconds_ago}", "message": "no", "queue": SHORT, "site": SITE}
    return FailedRun(method, at=ago(seconds_ago), type=kind, **{**values, **more})


def burst(failures: int, well: int, methods: int = 2, window_s: float = 300, **more: Any) -> dict[str, Any]:
    """So many runs failed, and so many ended well, within a window."""
    runs = tuple(failed(10 + n, f"shop.m{n % methods}", job_id=f"b{n}", **more) for n in range(failures))
    well_at = {(SITE, f"shop.m{n}"): ago(5) for n in range(methods)}
    return {"failed_lately": runs, "ended_well": EndedWell(ago(window_s), {SITE: well}), "succeeded_at": well_at}


def missed(name: str = "dead", lost: float = 60, queues: tuple[str, ...] = (SHORT,), **more: Any) -> RecentWorker:
    """A worker that sweeps remember, and that died so long ago."""
    return RecentWorker(
        name, queues, **{"seen_at": ago(lost + 90), "lost_at": ago(lost), "host": "host", "pid": 7, **more}
    )


def entry(**more: Any) -> ScheduleEntry:
    usual = {"record": "tasks.pull", "method": "shop.pull", "cron": "*/10 * * * *", "queue": LONG, "job_id": "s1"}
    return ScheduleEntry(**{**usual, "due_at": ago(-60), "last_at": ago(540), **more})


def ready(seconds: float, **more: Any) -> ScheduleEntry:
    """Due, and nothing in its way, for so long."""
    return entry(due_at=ago(seconds), ready_since=ago(seconds), **more)


def schedule(*entries: ScheduleEntry, **more: Any) -> Schedule:
    return Schedule(
        **{"site": SITE, "running": True, "ticked_at": ago(40), "read_at": ago(3), "entries": entries, **more}
    )


def past(median: float = 0.7, deviation: float = 0.05, kind: str = "week") -> Past:
    """Of times a logarithm: 0.7 is two seconds."""
    return Past(kind, 12, median, deviation)


def failing(share: float = 0.01, kind: str = "week") -> PastFailures:
    return PastFailures(kind, 12, 1_200, share)


def lately(method: str = METHOD, **more: Any) -> MethodLately:
    """A method that runs as ever, a hundred times in the last half hour."""
    usual = {"runs": 100, "failed": 0, "timed": 100, "median_s": 2.0, "spread": 0.5, "sites": (SITE,)}
    return MethodLately(method, SHORT, **{**usual, "ran": (past(),), "failures": (failing(),), **more})


def filling(depths: Iterable[int] = range(2, 120, 4), name: str = SHORT, **more: Any) -> LaneLately:
    """A lane that fills by four a minute; eight are usual at most."""
    known = list(depths)
    minutes = tuple((ago(60.0 * (len(known) - number)), depth) for number, depth in enumerate(known))
    return LaneLately(name, minutes, **{"deepest": (past(8.0, 1.0),), **more})


def schedule_lately(**more: Any) -> ScheduleLately:
    usual = {"site": SITE, "method": "shop.pull", "job_id": "s1", "queue": LONG, "failed_at": ago(300)}
    ended = {"type": "ValueError", "message": "no", "well": 28, "failed": 0, "days": 28}
    return ScheduleLately(**{**usual, **ended, **more})


def repeated(count: int = 5, since: float = 400) -> Repeated:
    return Repeated(SHORT, job(), count, 100, ago(since))


def redis_health(share: float, policy: str | None = "noeviction") -> RedisHealth:
    return RedisHealth("7.0", int(share * 1_000_000), 1_000_000, policy)


def codes(bench: Bench) -> list[str]:
    """As people are told: one fault, one warning."""
    return [warning.code for warning in causes.without_consequences(findings(bench))]
