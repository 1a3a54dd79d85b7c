"""The schedules of a bench's sites in Redis: each site publishes its own, everybody sees them, with their age.

A site's facts come from its database. What Redis knows is added as they are published: whether a run of the entry
waits, and when the scheduler last came by. They rule for a few minutes, and are shown, as old, for a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from threading import Lock
from typing import Any

from ..models.schedule import Schedule, Sight, from_json, to_json
from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.records import moment, text
from . import due, history, limits, pending_runs, scheduler_liveness, tickers
from .history import Ran
from .readiness import together, with_owed, with_runs, with_tickers


class ScheduleStore:
    """As this process remembers it. Thread-safe."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self._lock = Lock()
        self._known: dict[str, Schedule] = {}
        self._versions: dict[str, float] = {}
        self._sights: Mapping[str, tuple[Sight, ...]] = {}

    def all(self) -> Mapping[str, Schedule]:
        """What this process knows; no round trip."""
        return scheduler_liveness.with_sights(tuple(self._known.values()), self._sights)

    def read(self) -> None:
        """Learn what others published: one round trip, two when something is new."""
        pipeline = pipelined(self.redis)
        pipeline.zrange(keys.SCHEDULES, 0, -1, withscores=True)
        pipeline.hgetall(keys.SCHEDULER_PROCESSES)
        index, seen = pipeline.execute()
        versions = {text(site) or "": float(version) for site, version in index}
        with self._lock:
            self._sights = scheduler_liveness.read(seen)
            changed = [site for site, version in versions.items() if self._versions.get(site) != version]
            pipeline = pipelined(self.redis)
            for site in changed:
                pipeline.get(keys.schedule(site))
            for site, value in zip(changed, pipeline.execute() if changed else (), strict=True):
                self._remember(site, versions[site], from_json(value))
            for site in self._known.keys() - versions.keys():
                self._remember(site, 0.0, None)

    def age_s(self, site: str) -> float | None:
        """How long ago a site last published; None: not for a day. One round trip."""
        pipeline = pipelined(self.redis)
        pipeline.time()
        pipeline.zscore(keys.SCHEDULES, site)
        (seconds, _microseconds), version = pipeline.execute()
        return None if version is None else max(seconds - version, 0.0)

    def publish(self, schedule: Schedule) -> Schedule:
        """Two round trips. The answer is the schedule with what Redis knows of it."""
        pipeline = pipelined(self.redis)
        pipeline.time()
        pipeline.get(keys.schedule(schedule.site))
        pipeline.hgetall(keys.owed(schedule.site))
        pipeline.hgetall(keys.tickers(schedule.site))
        pipeline.hgetall(keys.SCHEDULER_PROCESSES)
        for entry in schedule.entries:
            for run_id in due.run_ids(entry.job_id):
                pipeline.hmget(keys.job(run_id), "status", "enqueued_at", "started_at")
        (seconds, microseconds), before, owing, ticking, seen, *answers = pipeline.execute()
        at_once = limits.SCHEDULE_RUNS_AT_ONCE
        rows = [answers[place : place + at_once] for place in range(0, len(answers), at_once)]
        now = datetime.fromtimestamp(seconds + microseconds / 1e6, timezone.utc)
        runs = [together((text(status), moment(at)) for status, at, _started in records) for records in rows]
        reported = with_tickers(with_owed(schedule, pending_runs.read(owing)), tickers.read(ticking), now)
        found = with_runs(reported, from_json(before), runs, now)
        with self._lock:
            self._write(found, now, _killed(found, rows), seen)
            self._remember(found.site, now.timestamp(), found)
        return found

    def withdraw(self, site: str) -> None:
        seen: Any = self.redis.hgetall(keys.SCHEDULER_PROCESSES)
        pipeline = pipelined(self.redis)
        scheduler_liveness.forget(pipeline, seen, site)
        pipeline.delete(keys.schedule(site), keys.owed(site), keys.tickers(site))
        pipeline.zrem(keys.SCHEDULES, site)
        pipeline.execute()

    def _write(
        self, schedule: Schedule, now: datetime, killed: Sequence[tuple[str, Ran]], seen: Mapping[Any, Any]
    ) -> None:
        version, pipeline = now.timestamp(), pipelined(self.redis)
        if schedule.process is not None and schedule.host:
            scheduler_liveness.note(pipeline, seen, schedule.site, schedule.host, schedule.process, now)
        if killed:
            history.record(pipeline, schedule.site, killed)
        pipeline.set(keys.schedule(schedule.site), to_json(schedule), ex=limits.SCHEDULE_TTL_S)
        pipeline.zadd(keys.SCHEDULES, {schedule.site: version})
        pipeline.zremrangebyscore(keys.SCHEDULES, "-inf", version - limits.SCHEDULE_TTL_S)
        pipeline.expire(keys.SCHEDULES, limits.SCHEDULE_TTL_S)
        pipeline.execute()

    def _remember(self, site: str, version: float, schedule: Schedule | None) -> None:
        if schedule is None:
            self._known.pop(site, None)
            self._versions.pop(site, None)
        else:
            self._known[site], self._versions[site] = schedule, version


def _killed(schedule: Schedule, rows: Sequence[Sequence[Sequence[Any]]]) -> list[tuple[str, Ran]]:
    """The runs that RQ calls failed or stopped; `rows`: what the records of each entry's runs say.

    Frappe's wrapper lets no exception through, and one that came to its end has recorded that itself: that is kept.
    """
    return [
        (entry.job_id, Ran(started_at, None, "killed"))
        for entry, records in zip(schedule.entries, rows, strict=True)
        for status, _enqueued_at, started in records
        if text(status) in ("failed", "stopped") and (started_at := moment(started))
    ]
