"""Runs one job in the test's process, as RQ's own worker does that does not fork."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import frappe
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.timeouts import TimerDeathPenalty

from job_console.engine.rq import call as calls
from job_console.runtime import current_run

from .transaction import JobTransaction

#: What a job may leave in the process, and the test must not find.
_LOCALS = ("job", "message_log", "form_dict")


@dataclass
class Performed:
    result: Any = None
    error: BaseException | None = None


class _Worker(SimpleWorker):
    """It keeps the exception that a job has raised, where RQ would log it."""

    def __init__(self, queue: Queue, into: Performed) -> None:
        super().__init__([queue], connection=queue.connection, name=f"test-{frappe.generate_hash(length=10)}")
        self._into = into
        if threading.current_thread() is not threading.main_thread():
            self.death_penalty_class = TimerDeathPenalty

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        self._into.error = exc_info[1]


def perform(job: Job, queue: Queue, at_commit: Callable[[str], None] | None = None) -> Performed:
    """Run the job in the transaction of the test, as the user who enqueued it. Never raises what the job raises."""
    performed = Performed()
    with ExitStack() as stack:
        transaction = stack.enter_context(JobTransaction(*([at_commit] if at_commit else [])))
        stack.enter_context(_as_it_was())
        stack.enter_context(_own_alarm())
        stack.enter_context(patch.object(frappe, "destroy", _connect_anew))
        ended = stack.enter_context(_runs_that_end())
        run_here(job, queue, performed)
        transaction.undo()  # what it left uncommitted, as the end of its connection would
    if performed.error is None and ended:
        performed.error = ended[-1].hidden_error
    return performed


def run_here(job: Job, queue: Queue, performed: Performed) -> None:
    """Run it on the connection to the site that is open."""
    kwargs = job.kwargs or {}
    if calls.is_wrapped(kwargs):
        job.kwargs = {**kwargs, "is_async": False}
        if kwargs.get("user"):
            frappe.set_user(kwargs["user"])
    _Worker(queue, performed).execute_job(job, queue)
    performed.result = getattr(job, "_result", None)


def _connect_anew() -> None:
    """What Frappe does after a deadlock, before it runs the job again in place; the test's transaction would be gone.
    The job goes on as Administrator, with nothing in the local cache.
    """
    frappe.set_user("Administrator")


@contextmanager
def _as_it_was() -> Iterator[None]:
    user = frappe.session.user
    before = {name: getattr(frappe.local, name) for name in _LOCALS if hasattr(frappe.local, name)}
    frappe.local.message_log = []
    try:
        yield
    finally:
        frappe.set_user(user)
        for name in _LOCALS:
            if name in before:
                setattr(frappe.local, name, before[name])
            elif hasattr(frappe.local, name):
                delattr(frappe.local, name)


@contextmanager
def _own_alarm() -> Iterator[None]:
    """RQ's timeout uses the alarm that a test runner may have set for the test."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler, (left, again) = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, left, again)


@contextmanager
def _runs_that_end() -> Iterator[list[current_run.CurrentRun]]:
    """They know of the failures that Frappe hides: see `runtime.run.outcome`."""
    runs: list[current_run.CurrentRun] = []
    plain = current_run.end

    def end(run: current_run.CurrentRun) -> None:
        runs.append(run)
        plain(run)

    with patch.object(current_run, "end", end):
        yield runs
