"""Applies a Job Policy to a Scheduled Job Type at each tick of Frappe's scheduler: catch-up, and overlap.

Frappe calls `enqueue` of each record, so this class replaces its own (`override_doctype_class`). When another app that
was installed later does the same, its class is used, and these two fields of the policy are not obeyed. Whatever fails
here, Frappe's own behaviour applies.

Each tick also sweeps.
"""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from socket import gethostname
from time import monotonic

import frappe
from frappe.core.doctype.scheduled_job_type.scheduled_job_type import ScheduledJobType
from frappe.utils import get_datetime, get_system_timezone, now_datetime
from frappe.utils.background_jobs import create_job_id
from frappe.utils.scheduler import get_scheduler_tick
from redis.exceptions import RedisError

from job_console.bridge import logs, unreachable
from job_console.bridge.connection import engine
from job_console.bridge.policies import policies
from job_console.bridge.schedule import schedule
from job_console.bridge.sweep import incidents
from job_console.engine.errors import RedisUnavailable
from job_console.engine.history import audit
from job_console.engine.models.jobs import Call
from job_console.engine.models.outcomes import AuditEntry
from job_console.engine.models.policies import Policy
from job_console.engine.redis import keys
from job_console.engine.redis.link import pipelined, reaching_redis
from job_console.engine.rq.records import text
from job_console.engine.schedule import clock, due, history, pending_runs, tickers, upcoming
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.schedule.history import Ran
from job_console.engine.service import Viewer

#: When this process last published its tick, by site.
_ticked: dict[str, float] = {}


class PolicedScheduledJobType(ScheduledJobType):
    """A Scheduled Job Type whose ticks follow its Job Policy."""

    #: False where another app's class is used instead of this one.
    tells_ticks = True
    #: The end of the id of a parallel run.
    id_suffix = ""

    @property
    def rq_job_id(self) -> str:
        return super().rq_job_id + self.id_suffix

    def enqueue(self, force: bool = False) -> bool:
        decided = None
        if not force:
            if not _by_hand():
                _trying(_come_by)
            decided = _trying(lambda: at_tick(self))
        return super().enqueue(force) if decided is None else decided

    def enqueue_as(self, job_id: str) -> bool:
        """Enqueue a run now, with one of the ids that its runs may have."""
        self.id_suffix = job_id.removeprefix(create_job_id(super().rq_job_id))
        try:
            return super().enqueue(force=True)
        finally:
            self.id_suffix = ""


def _by_hand() -> bool:
    """Whether this tick was asked for in a request: then there is no scheduler, and the request has its transaction."""
    return getattr(frappe.local, "request", None) is not None


def _trying(do: Callable[[], bool | None]) -> bool | None:
    """Call `do`; a failure is reported, and the scheduler goes on."""
    try:
        return do()
    except (RedisUnavailable, RedisError) as error:
        unreachable.log(str(error))
    except Exception:
        logs.logger().error("Job Console's part of a tick failed.", exc_info=True)
    return None


def at_tick(record: PolicedScheduledJobType) -> bool | None:
    """Whether it was enqueued; None: Frappe's own way applies."""
    call = Call(record.method, record.method, "scheduled", frappe.local.site, scheduled_job=record.name)
    policy = policies.here().of(call)
    if policy is None:
        return None
    with reaching_redis():
        return _Turn(record, policy).take()


class _Turn:
    """One tick of one schedule that has a policy."""

    def __init__(self, record: PolicedScheduledJobType, policy: Policy) -> None:
        self.record = record
        self.policy = policy
        self.redis = engine().redis
        self.site = frappe.local.site
        self.job_id = create_job_id(record.rq_job_id)
        self.run_ids = due.run_ids(self.job_id)
        self.tick = self._tick()

    def take(self) -> bool | None:
        verdict = due.decide(self.policy, self.tick)
        if verdict.owed:
            pending_runs.add(self.redis, self.site, self.job_id, verdict.owed)
            self._write_down("catch_up", f"{verdict.owed} missed runs are made up for, one at a tick.")
        return {
            due.USUAL: lambda: None,
            due.WAIT: lambda: False,
            due.SKIP: self._skip,
            due.LATER: self._later,
            due.INSTEAD: self._instead,
            due.CONCURRENT: self._run_concurrently,
            due.OWED: self._owed,
        }[verdict.then]()

    def _tick(self) -> due.Tick:
        pipeline = pipelined(self.redis)
        for run_id in self.run_ids:
            pipeline.hget(keys.job(run_id), "status")
        pipeline.hget(keys.owed(self.site), self.job_id)
        *states, owing = pipeline.execute()
        now = datetime.now(timezone.utc)
        return due.Tick(
            times=self._times(now),
            states=tuple(map(text, states)),
            owed=int(owing or 0),
            tick_s=float(get_scheduler_tick()),
            now=now,
        )

    def _times(self, now: datetime) -> list[datetime]:
        where = clock.zone(get_system_timezone())
        last = clock.reaches(get_datetime(self.record.last_execution or self.record.creation), where)
        found = upcoming.missed(schedule.cron_of(self.record), where, last, now, schedule_limits.CATCH_UP_RUNS + 1)
        if found or not self.record.is_event_due():
            return found
        # Longer ago than that looks back, or of more fields than it reads.
        return [clock.reaches(self.record.get_next_execution(), where, now)]

    def _skip(self) -> bool:
        newest = self.tick.times[-1]
        history.record(self.redis, self.site, [(self.job_id, Ran(newest, None, "skipped"))])
        if "started" not in self.tick.states:
            self._write_down("skip_missed", "It was missed, and is not made up for.")
        self._move_on()
        return False

    def _later(self) -> bool:
        pending_runs.at_least_one(self.redis, self.site, self.job_id)
        self._move_on()
        return False

    def _instead(self) -> bool:
        """Stop the active run, and enqueue the next one only once that has ended, so that there are never two."""
        running = [run_id for run_id, state in self._states() if state == "started"]
        may_act = Viewer(f"policy {self.policy.name}", self.site, may_act=True)
        outcomes = engine().console(may_act).actions.run("stop", running, "The next run is due.")["results"]
        return all(outcome["ok"] for outcome in outcomes) and self._run_concurrently()

    def _run_concurrently(self) -> bool:
        """Enqueue a parallel run, under an id whose record no run uses: RQ may still write that of a stopped run."""
        free = next(run_id for run_id, state in self._states() if state != "started")
        enqueued = self.record.enqueue_as(free)
        if enqueued:
            self._move_on()
        return enqueued

    def _owed(self) -> bool:
        return pending_runs.take(self.redis, self.site, self.job_id) and self.record.enqueue_as(self.job_id)

    def _states(self) -> Iterator[tuple[str, str | None]]:
        return zip(self.run_ids, self.tick.states, strict=True)

    def _move_on(self) -> None:
        """Mark the due times as handled, so that the next one counts."""
        self.record.db_set("last_execution", now_datetime(), update_modified=False)
        if not _by_hand():
            frappe.db.commit()  # the scheduler ends without

    def _write_down(self, action: str, reason: str) -> None:
        entry = AuditEntry(
            actor=f"policy {self.policy.name}",
            action=action,
            job_id=self.job_id,
            ok=True,
            state_before="overdue",
            state_after="on",
            reason=reason,
            site=self.site,
            detail=self.record.method,
        )
        audit.try_to_record(self.redis, [entry])


def _come_by() -> None:
    """Once in a tick, which calls all records within a moment: publish the tick, and sweep, since the scheduler may be
    the only process that is alive.
    """
    site, tick_s = frappe.local.site, float(get_scheduler_tick())
    if monotonic() - _ticked.get(site, float("-inf")) < tick_s / 2:
        return
    _ticked[site] = monotonic()
    with reaching_redis():
        tickers.publish(engine().redis, site, f"{gethostname()} (process {os.getpid()})")
    incidents.sweep()
