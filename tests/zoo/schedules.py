"""Schedules that do not run. Each site's is published as the site does it; its runs are real jobs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from job_console.engine.models.schedule import Schedule, ScheduleEntry, to_json
from job_console.engine.redis import keys
from tests.engine.bench import LONG, SHORT

from .fault import Subject, Zoo, fault

SITE = "a.localhost"
RECORD = "scheduled_job||tasks.pull"


def _ago(seconds: float) -> datetime:
    return datetime.now(timezone.utc) - timedelta(seconds=seconds)


def _publish(
    zoo: Zoo, due_s: float = 30_000, status: str | None = None, ready_s: float | None = None, **said: object
) -> None:
    """A schedule that is due every ten minutes, and was due last so long ago."""
    entry = ScheduleEntry(
        "tasks.pull", "shop.pull", "*/10 * * * *", LONG, job_id=f"{SITE}||{RECORD}", job_status=status
    )
    entry = replace(
        entry, last_at=_ago(due_s + 600), due_at=_ago(due_s), ready_since=_ago(ready_s) if ready_s else None
    )
    usual = {"running": True, "ticked_at": _ago(20), "process": True, "host": "host", "read_at": _ago(1)}
    schedule = Schedule(SITE, **{**usual, **said}, entries=(entry,))  # type: ignore[arg-type]
    zoo.redis.set(keys.schedule(SITE), to_json(schedule))
    zoo.redis.zadd(keys.SCHEDULES, {SITE: _ago(1).timestamp()})


@fault("a site's scheduler is switched off", "scheduler_down")
def switched_off(zoo: Zoo) -> Subject:
    _publish(zoo, running=False, reason="it is switched off in System Settings")
    return {"site": SITE}


@fault("the scheduler's process is dead", "scheduler_down")
def scheduler_dead(zoo: Zoo) -> Subject:
    _publish(zoo, ready_s=3_000, ticked_at=_ago(3_300), process=False)
    return {"site": SITE}


@fault("two schedulers come by for a site", "scheduler_down")
def two_schedulers(zoo: Zoo) -> Subject:
    _publish(zoo, due_s=-300, tickers=("host-a (process 7)", "host-b (process 9)"))
    return {"site": SITE}


@fault("the scheduler ticks, and one schedule did not run", "missed_run")
def missed(zoo: Zoo) -> Subject:
    _publish(zoo, ready_s=3_000)
    return {"site": SITE, "queue": LONG}


@fault('a schedule\'s run died in the gap: "Skipped queueing" for ever', "blocked_schedule")
def blocked_by_a_ghost(zoo: Zoo) -> Subject:
    job = zoo.enqueue(queue=LONG, name=RECORD)
    zoo.crew.start(LONG, SHORT, extra=("--die", "popped")).wait(15)
    zoo.waited(job, 30_000)
    _publish(zoo, status="queued")
    return {"job_id": job.id, "site": SITE}


@fault("a schedule's run lost its worker", "blocked_schedule", then="killed")
def blocked_by_a_lost_run(zoo: Zoo) -> Subject:
    job, worker = zoo.running(queue=LONG, name=RECORD)
    zoo.crew.kill(worker)
    zoo.time_passes_for_the_dead(job, "w1")
    _publish(zoo, status="started")
    return {"job_id": job.id, "site": SITE}
