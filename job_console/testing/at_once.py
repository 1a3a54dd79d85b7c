"""Runs two jobs at once, in two processes with connections of their own, at the moment at which most races are lost.

The first stands still before its first write. Meanwhile the second one runs, to its end or until it has to wait for the
first. What it reads is what the first one has read: who only looks first whether something is done does it twice.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import traceback
from time import monotonic
from typing import TYPE_CHECKING, Any

import frappe
from rq import Queue
from rq.job import Job

from job_console.engine.redis import keys
from job_console.runtime.transactions import transaction

from .chaos import waiting
from .perform import Performed, run_here
from .recorded import EnqueuedJob, Ran

if TYPE_CHECKING:
    from .jobs import Jobs

#: How long the first one stands still for a second that waits for it, perhaps for a row.
_PATIENCE_S = 15.0
_LOOK_EVERY_S = 0.05
#: How long both may take.
_LONGEST_S = 120.0
_WRITES = ("insert", "update", "delete", "replace")


class InOtherProcess(Exception):
    """The traceback of an exception in another process, as text."""


def run(jobs: Jobs, first: EnqueuedJob, second: EnqueuedJob) -> tuple[Ran, Ran]:
    """Run both; the same job twice is as when it was put back although its worker was alive. Does not raise what
    they raise.
    """
    if transaction.has_written():
        raise AssertionError(
            "Two processes see only what is committed: commit what the test has written, and delete it afterwards."
        )
    queue, one = waiting(jobs, first)
    other_queue, other = (queue, one) if second.id == first.id else waiting(jobs, second)
    process = _Process(one, queue, stands_still=True)
    others: _Process | None = None
    try:
        process.wait_until_it_stands_still()
        others = _Process(other, other_queue)
        deadline = monotonic() + _PATIENCE_S
        while not others.has_ended() and not _waits_for_a_lock(jobs) and monotonic() < deadline:
            pass
        process.go_on()
        found = [each.ended(monotonic() + _LONGEST_S) for each in (process, others)]
    finally:
        for each in (process, others):
            if each is not None:
                each.kill()
    transaction.begin_anew()  # see what they have committed
    ran = [jobs.ran(job, performed) for job, performed in zip((one, other), found, strict=True)]
    return ran[0], ran[1]


def _waits_for_a_lock(jobs: Jobs) -> bool:
    """Redis holds nothing but this test's locks."""
    return next(iter(jobs.redis.scan_iter(match=keys.LOCK_LINE_PREFIX + "*", count=1000)), None) is not None


class _Process:
    def __init__(self, job: Job, queue: Queue, stands_still: bool = False) -> None:
        self._from, to_parent = os.pipe()
        from_parent, self._to = os.pipe()
        self._said = b""
        self._waited = False
        self.pid = os.fork()
        if not self.pid:
            try:
                _child(job, queue, to_parent, from_parent if stands_still else None)
            finally:
                os._exit(0)
        os.close(to_parent)
        os.close(from_parent)

    def wait_until_it_stands_still(self) -> None:
        """Or has ended without a write."""
        self._read(lambda: self._said.startswith(b"w"), monotonic() + _LONGEST_S)

    def has_ended(self) -> bool:
        """Waits a moment for that."""
        return self._read(lambda: False, monotonic() + _LOOK_EVERY_S)

    def go_on(self) -> None:
        os.write(self._to, b"g")

    def ended(self, deadline: float) -> Performed:
        if not self._read(lambda: False, deadline):
            raise AssertionError(f"It did not end within {_LONGEST_S:g} s.")
        result, error, text = pickle.loads(self._said.removeprefix(b"w"))  # noqa: S301  our own process
        if text and error is None:
            error = InOtherProcess(text)
        elif text:
            error.__cause__ = InOtherProcess(f"\n{text}")
        return Performed(result, error)

    def _read(self, enough: Any, deadline: float) -> bool:
        """Read what it says until that is enough; True: it has ended."""
        while not enough():
            if not select.select([self._from], [], [], max(deadline - monotonic(), 0))[0]:
                return False
            said = os.read(self._from, 65_536)
            if not said:
                return True
            self._said += said
        return False

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._from)
        os.close(self._to)


def _child(job: Job, queue: Queue, to_parent: int, from_parent: int | None) -> None:
    parents, performed = frappe.local.db, Performed()
    frappe.local.job_console_guard = None
    frappe.connect()  # the parent's connection stays as it is: closed here, it would be closed there
    if from_parent is not None:
        _stand_still(to_parent, from_parent)
    try:
        run_here(job, queue, performed)
    except BaseException as error:  # what is no job's: say it all the same
        performed.error = error
    os.write(to_parent, _packed(performed))
    del parents


def _stand_still(to_parent: int, from_parent: int) -> None:
    """Before the first write of this connection, until the parent says so."""
    db: Any = frappe.local.db
    plain = db.check_transaction_status

    def check(query: str, *args: Any, **kwargs: Any) -> None:
        if query.lstrip()[:7].lower().startswith(_WRITES):
            del db.check_transaction_status
            os.write(to_parent, b"w")
            os.read(from_parent, 1)
        plain(query, *args, **kwargs)

    db.check_transaction_status = check


def _packed(performed: Performed) -> bytes:
    error = performed.error
    text = "".join(traceback.format_exception(error)) if error is not None else ""
    for said in ((performed.result, error, text), (None, None, text)):
        try:
            packed = pickle.dumps(said)
            pickle.loads(packed)  # noqa: S301  what cannot be read is left out
        except Exception:  # noqa: S112
            continue
        return packed
    return pickle.dumps((None, None, text))
