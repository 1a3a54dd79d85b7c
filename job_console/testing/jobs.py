"""The jobs of one test: what was enqueued, and running it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from math import inf
from typing import Any
from unittest.mock import patch

import frappe
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job

from job_console.bridge.connection import engine, queue_prefix
from job_console.bridge.policies import policies
from job_console.engine.errors import BadRequest
from job_console.engine.redis import keys
from job_console.engine.rq import enqueueing
from job_console.engine.rq.records import text
from job_console.runtime.enqueue import at_start
from job_console.runtime.transactions import writes

from . import at_once, chaos, clock, store
from .perform import Performed, perform
from .recorded import EnqueuedJob, Ran, Wanted, call_of, name_of, record
from .transaction import committed

#: Jobs that enqueue each other without an end are noticed by then.
MOST_RUNS = 1_000


class Jobs:
    """A context manager; outside of it jobs are enqueued as ever."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        #: By id, in order.
        self.recorded: dict[str, EnqueuedJob] = {}
        self.clock = clock.Clock()

    def __enter__(self) -> "Jobs":
        writes.listen()  # what the test writes, and commits, is known from here on
        with ExitStack() as stack:
            self.redis = stack.enter_context(store.private())
            if not at_start.install():
                raise BadRequest("This version of RQ is not known to Job Console: it cannot see what is enqueued.")
            # No job of a test starts a process for its host, or sweeps.
            stack.enter_context(patch.dict(frappe.local.conf, {"job_console_stacks": 0, "job_console_log": 0}))
            self.redis.set(keys.own("job_sweeps", frappe.local.site), 1)
            policies.publish()
            stack.enter_context(enqueueing.telling(self._made))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    # --- what was enqueued ---

    @property
    def enqueued(self) -> tuple[EnqueuedJob, ...]:
        """All that were enqueued in this test, also those that have run, in order."""
        return tuple(self.recorded.values())

    def assert_enqueued(
        self,
        method: str | Callable[..., Any],
        *,
        queue: str | None = None,
        timeout: int | None = None,
        policy: str | None = None,
        at: datetime | None = None,
        user: str | None = None,
        times: int | None = None,
        arguments: Mapping[str, Any] | None = None,
        **named: Any,
    ) -> EnqueuedJob:
        """Such a job was enqueued; returns the last one. Arguments that are not named may be anything.

        times: exactly so many. arguments: for those whose names are taken here.
        """
        options = {"queue": queue, "timeout": timeout, "policy": policy, "at": at, "user": user}
        wanted = Wanted(name_of(method), {**(arguments or {}), **named}, options)
        found = self._that_meet(wanted)
        if len(found) != times if times is not None else not found:
            raise AssertionError(self._said(wanted, len(found), times))
        return found[-1] if found else EnqueuedJob("", wanted.method, {}, "")

    def assert_not_enqueued(
        self, method: str | Callable[..., Any], *, arguments: Mapping[str, Any] | None = None, **named: Any
    ) -> None:
        wanted = Wanted(name_of(method), {**(arguments or {}), **named})
        found = self._that_meet(wanted)
        if found:
            raise AssertionError(self._said(wanted, len(found), 0))

    def _that_meet(self, wanted: Wanted) -> list[EnqueuedJob]:
        return [job for job in self.enqueued if wanted.is_met_by(job)]

    def _said(self, wanted: Wanted, found: int, times: int | None) -> str:
        expected = "at least one job" if times is None else f"{times} jobs"
        lines = [f"Expected {expected}: {wanted}", f"Found {found} of these. Enqueued in this test:"]
        lines += [f"    {job}" for job in self.enqueued] or ["    none"]
        later = len(getattr(frappe.local.db.after_commit, "_functions", ()))
        if later:
            lines.append(f"{later} callbacks wait for the commit: `committed()` does what they would do.")
        return "\n".join(lines)

    def committed(self) -> None:
        """As if the test committed here, which it does not: jobs that wait for the commit are enqueued."""
        committed()

    # --- running it ---

    def run_enqueued(self, method: str | Callable[..., Any] | None = None) -> tuple[Ran, ...]:
        """Run what is due, in order of enqueueing, and what these runs enqueue; with `method` only its jobs.

        Raises what a job raised that is not tried again.
        """
        wanted = name_of(method) if method is not None else None
        ran: list[Ran] = []
        for job, queue in self._due(wanted):
            if len(ran) == MOST_RUNS:
                raise AssertionError(f"{MOST_RUNS:,} jobs have run, and there are still more. The last: {ran[-1].job}")
            ran.append(self.attempt(job, queue))
            if ran[-1].error is not None and ran[-1].status in ("failed", "finished") and ran[-1].again_at is None:
                raise ran[-1].error
        return tuple(ran)

    def attempt(self, job: Job, queue: Queue, at_commit: Callable[[str], None] | None = None) -> Ran:
        performed = perform(job, queue, at_commit)
        self.clock.correct(job)
        return self.ran(job, performed)

    def ran(self, job: Job, performed: Performed) -> Ran:
        status = text(self.redis.hget(keys.job(job.id), "status")) or "gone"
        due = self.redis.zscore(keys.RETRIES, job.id)
        again = None if due is None else datetime.fromtimestamp(due, timezone.utc) + self.clock.ahead
        known = self.recorded.get(job.id) or self._record(job, None)
        return Ran(known, status, performed.result, performed.error, again)

    def _due(self, method: str | None) -> Iterator[tuple[Job, Queue]]:
        """Takes one job after the other from its lane."""
        while True:
            self.clock.move_due(self.redis)
            heads = [(queue, job_id) for queue in self.lanes() if (job_id := self._first(queue, method)) is not None]
            if not heads:
                return
            order = list(self.recorded)
            queue, job_id = min(heads, key=lambda head: order.index(head[1]) if head[1] in order else inf)
            job = self.take(queue, job_id)
            if job is not None:
                yield job, queue

    def lanes(self) -> list[Queue]:
        return Queue.all(connection=self.redis)

    def _first(self, queue: Queue, method: str | None) -> str | None:
        for job_id in map(text, self.redis.lrange(queue.key, 0, -1)):
            known = self.recorded.get(job_id or "")
            if method is None or (known is not None and known.method == method):
                return job_id
        return None

    def take(self, queue: Queue, job_id: str) -> Job | None:
        """Take it from its lane, as a worker does; None: its record is gone."""
        self.redis.lrem(queue.key, 1, job_id)
        try:
            return Job.fetch(job_id, connection=self.redis)
        except NoSuchJobError:
            return None

    def chaos(self, job: EnqueuedJob, result: Callable[[], Any]) -> tuple[chaos.Kill, ...]:
        """Prove that the job, killed at each of its commits and run again, ends with the same `result()`.

        Returns the kills. In the end all is as before: the job still waits.
        """
        return chaos.prove(self, job, result)

    def run_twice_at_once(self, job: EnqueuedJob) -> tuple[Ran, Ran]:
        """Run the same job in two processes at once, as when it was put back although it was running."""
        return at_once.run(self, job, job)

    def run_at_once(self, first: EnqueuedJob, second: EnqueuedJob) -> tuple[Ran, Ran]:
        """Run two jobs at once, each in a process."""
        return at_once.run(self, first, second)

    # --- time ---

    def travel(self, **step: float) -> None:
        """Move the clock of what waits: `travel(minutes=10)`, with the names of `timedelta`. What is due by then runs
        with the next `run_enqueued`.
        """
        self.clock.move(timedelta(**step), self.redis)

    def tick(self, *methods: str) -> tuple[EnqueuedJob, ...]:
        """What the scheduler does at the time that it is now for this test: enqueue the Scheduled Job Types that are
        due; those of these methods, or all. Returns what it has enqueued.
        """
        before = list(self.recorded.values())
        self.clock.tick(methods)
        return tuple(job for job in self.enqueued if not any(job is each for each in before))

    # --- records ---

    def _made(self, job: Job, due: datetime | None) -> None:
        if job.get_status(refresh=False) in ("finished", "failed"):
            return  # its queue is not asynchronous: RQ has run it at once
        self.recorded.pop(job.id, None)  # an id may come again, when its job has ended
        self.recorded[job.id] = self._record(job, due)

    def _record(self, job: Job, due: datetime | None) -> EnqueuedJob:
        site = frappe.local.site
        call = call_of(job, site)
        policy = engine().policies.of(site)
        found = policy.of(call) if policy is not None else None
        if due is not None and due.tzinfo is None:
            due = due.astimezone()
        return record(job, call, job.origin.removeprefix(queue_prefix()), found.name if found else None, due)
