"""The demo's schedules, and the scheduler that enqueues them. All runs of one have the same id, as in Frappe."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from socket import gethostname

import redis

from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.rq.records import text
from job_console.engine.schedule import clock, cron, tickers
from job_console.engine.schedule.readiness import IN_THE_WAY
from job_console.engine.schedule.store import ScheduleStore

from .demo_jobs import WORK
from .demo_lanes import SITES, enqueue, lane_name

#: A demo lasts minutes: it ticks as often as Frappe allows, and publishes a little more often.
TICK_S = 60.0
PUBLISH_S = 5.0
ZONE = "Europe/Berlin"
#: By method: when it runs, on which of the sites.
TIMES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "shop.tasks.pull_email": ("* * * * *", tuple(SITES)),
    "shop.search.update_index": ("*/2 * * * *", ("acme.example", "initech.example")),
    "shop.stock.sync_stock": ("*/5 8-18 * * 1-5", ("acme.example", "globex.example")),
    "shop.accounts.recompute_balance": ("0 * * * *", tuple(SITES)),
    "shop.exports.export_ledger": ("0 2 * * *", tuple(SITES)),
    "shop.reports.monthly_aging": ("30 4 1 * *", ("globex.example",)),
}


#: The schedule whose last run is a ghost, and since when: site, method, how long.
BLOCKED = ("acme.example", "shop.tasks.pull_email", timedelta(hours=17))
#: No schedule of the demo is asked for what is longer ago.
_LONGEST = timedelta(days=40)


def times_before(expression: str, now: datetime, most: int) -> list[datetime]:
    """The last `most` times at which it was due, oldest first: fewer, where there were not as many in forty days."""
    span = timedelta(minutes=most)
    while len(found := _times_between(expression, now - span, now)) < most and span < _LONGEST:
        span = min(span * 8, _LONGEST)
    return found[-most:]


def _times_between(expression: str, since: datetime, now: datetime) -> list[datetime]:
    where = clock.zone(ZONE)
    found: list[datetime] = []
    shown = clock.wall(since, where)
    while (following := cron.next_after(expression, shown)) and (at := clock.reaches(following, where)) < now:
        found.append(at)
        shown = following
    return found


def last_look(site: str, method: str, now: datetime) -> datetime:
    """When the scheduler last enqueued it: now, but for the one that is blocked."""
    return now - BLOCKED[2] if (site, method) == BLOCKED[:2] else now


@dataclass
class _Entry:
    site: str
    method: str
    cron: str
    last_at: datetime

    @property
    def record(self) -> str:
        return self.method.removeprefix("shop.")

    @property
    def job_id(self) -> str:
        return f"{self.site}||scheduled_job||{self.record}"

    @property
    def due_at(self) -> datetime | None:
        where = clock.zone(ZONE)
        shown = cron.next_after(self.cron, clock.wall(self.last_at, where))
        return clock.reaches(shown, where, self.last_at) if shown else None

    def reported(self) -> ScheduleEntry:
        lane = lane_name(WORK[self.method].lane)
        reported = ScheduleEntry(self.record, self.method, self.cron, lane, job_id=self.job_id)
        return replace(reported, last_at=self.last_at, due_at=self.due_at)


class Scheduler:
    """Call `tend` now and then, from one thread."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._schedules = ScheduleStore(client)
        now = datetime.now(timezone.utc)
        self._entries = [
            _Entry(site, method, expression, times_before(expression, last_look(site, method, now), 1)[-1])
            for method, (expression, sites) in TIMES.items()
            for site in sites
        ]
        self._ticks = self._published = float("-inf")

    def tend(self) -> None:
        now = time.monotonic()
        if now - self._ticks >= TICK_S:
            self._ticks = now
            self._tick()
        if now - self._published >= PUBLISH_S:
            self._published = now
            self._publish()

    def _tick(self) -> None:
        """Enqueue what is due, unless a run of it waits or runs: or is a ghost."""
        now = datetime.now(timezone.utc)
        for site in SITES:
            tickers.publish(self._client, site, f"{gethostname()} (process {os.getpid()})")
        for entry in self._entries:
            status = self._client.hget(f"rq:job:{entry.job_id}", "status")
            if entry.due_at and entry.due_at <= now and text(status) not in IN_THE_WAY:
                job_id = f"scheduled_job||{entry.record}"
                enqueue(self._client, entry.method, site=entry.site, job_id=job_id, scheduled=True)
                entry.last_at = now

    def _publish(self) -> None:
        for site in SITES:
            entries = tuple(entry.reported() for entry in self._entries if entry.site == site)
            self._schedules.publish(
                Schedule(site, True, tick_s=TICK_S, zone=ZONE, process=True, host=gethostname(), entries=entries)
            )
