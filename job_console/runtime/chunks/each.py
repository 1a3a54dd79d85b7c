"""`job_console.each`: a loop that commits chunk by chunk, and goes on from there in the next run.

    for name in job_console.each("Sales Order", {"docstatus": 0}):
        …

Killed, timed out or stopped anywhere, its job goes on after the last committed chunk when it is tried again. What it
promises, and what not, is in docs/long-jobs.md.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic
from typing import Any

import frappe
from rq.timeouts import JobTimeoutException

from job_console.engine.errors import BadRequest, LockLost
from job_console.engine.models import limits as models_limits
from job_console.engine.models.progress import Chunks
from job_console.engine.progress import limits as progress_limits

from ..progress import progress
from ..transactions.savepoint import Savepoint
from . import checkpoint, early_end, parts
from .checkpoint import FINISHED, Failed, Place
from .commit import Commits
from .source import Placed, Position, Source, short, source

#: Errors that are not the fault of one item: they end the chunk or the run.
_EVERYBODYS = (
    JobTimeoutException,
    frappe.QueryDeadlockError,
    frappe.QueryTimeoutError,
    frappe.RetryBackgroundJobError,
    BadRequest,
    LockLost,
)
#: Why an item that failed before is not tried again.
_GONE = "it is no longer there"


class ItemsFailed(frappe.ValidationError):
    """The loop has ended, and some of its items failed. A retry of the job does only those."""


class Each:
    """The loop itself: iterate over it once. In its body, `attempt` and `skip` say what becomes of the present item."""

    def __init__(
        self, items: Source, size: int, seconds: float, text: str, name: str, parallel: int, fail_at_end: bool
    ) -> None:
        self._source = items
        self._size = size
        self._seconds = seconds
        self._text = text
        self._name = name
        self._parallel = parallel
        self._fail_at_end = fail_at_end
        self._run = progress.of_current_run()
        self._place: Place | None = None
        self._of: float | None = None
        self._done = 0
        self._at: Position | None = None
        self._item: Any = None
        self._failures = 0
        #: Not written yet.
        self._failed: list[Failed] = []
        #: Records of failed items, by their positions, that this run does again.
        self._again: dict[str, tuple[str, Failed]] = {}
        self._tried_again: list[str] = []
        self._does_failed = False
        self._longest_s = 0.0

    # --- in the loop's body ---

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A context manager: an exception in it fails only the current item, whose changes are undone; the loop
        goes on.
        """
        point = Savepoint()
        try:
            yield
        except _EVERYBODYS:
            raise
        except Exception as error:
            point.go_back()
            self._failures += 1
            if self._failures > progress_limits.FAILED_ITEMS:
                raise
            self._fail(error)
        else:
            point.release()
        finally:
            point.close()

    def skip(self, reason: str) -> None:
        """Count the current item as skipped; call `continue` after it."""
        place = self._counting
        place.skipped += 1
        place.because(reason[: models_limits.PROGRESS_TEXT_CHARS])

    @property
    def report(self) -> dict[str, Any]:
        """The counts of items so far, including earlier runs and other parts."""
        return parts.report(self._counting)

    def _fail(self, error: Exception) -> None:
        place = self._counting
        reason = f"{type(error).__name__}: {frappe.utils.strip_html(str(error))}"[: models_limits.PROGRESS_TEXT_CHARS]
        place.failed += 1
        place.because(reason)
        self._failed.append(Failed(self._at, short(self._item), reason, frappe.get_traceback()))

    @property
    def _counting(self) -> Place:
        if self._place is None:
            raise BadRequest("Nothing is counted before the loop begins.")
        return self._place

    # --- the loop ---

    def __iter__(self) -> Iterator[Any]:
        if self._place is not None:
            raise BadRequest("This loop has run; make another one.")
        return self._plain() if self._run is None else self._chunked(self._run)

    def _plain(self) -> Iterator[Any]:
        """Outside a job: a plain loop in the caller's transaction, as no later run could continue it."""
        self._place = Place("", "", 1, "", None, None, 0, None, 0, 0)
        for placed in self._source.after(None):
            self._at, self._item = placed
            yield self._item
            self._place.committed += 1
        self._end()

    def _chunked(self, run: progress.RunProgress) -> Iterator[Any]:
        if run.chunking:
            raise BadRequest("A loop in chunks within another one: the inner one would commit half an item.")
        run.chunking = True
        try:
            place = self._begin(run)
            if place is None:
                return  # a loop before the shared one: the first job has done it
            if place.status != FINISHED or place.failed:
                with Commits(self._write) as self._commits:
                    yield from self._items(run, place)
                    self._finish(run, place)
            self._join(run, place)
        finally:
            run.chunking = False
        self._end()

    def _begin(self, run: progress.RunProgress) -> Place | None:
        step = run.next_loop(self._name)
        self._place = place = parts.claim(run.job, step, self._source, self._parallel)
        frappe.db.commit()
        if place is None:
            return None
        if place.status == FINISHED and place.failed:
            items = checkpoint.failed_items(place)
            self._again = {_key(failed.position): (name, failed) for name, failed in items}
            self._does_failed = True
        self._of = len(self._again) or place.total
        self._done = 0 if self._again else place.committed
        parts.start(run.job, place)
        return place

    def _items(self, run: progress.RunProgress, place: Place) -> Iterator[Any]:
        self._report(run)
        began = monotonic()
        self._commits.begin(place)
        for placed in self._ahead(place):
            self._at, self._item = placed
            yield self._item
            self._commits.must_be_whole()
            self._count(place)
            now = monotonic()
            if self._commits.uncommitted >= self._size or now - began >= self._seconds or early_end.is_asked(run):
                self._longest_s = max(self._longest_s, now - began)
                frappe.db.commit()
                self._report(run)
                early_end.end_if_asked(run, place, self._commits, self._longest_s)
                began = monotonic()
                self._commits.begin(place)
            elif now >= run.meter.due:
                self._report(run)

    def _ahead(self, place: Place) -> Iterator[Placed]:
        if self._again:
            return self._source.only([failed.position for _name, failed in self._again.values()])
        return self._source.after(place.position, place.last_position)

    def _count(self, place: Place) -> None:
        """The current item is done; the next commit writes it."""
        self._commits.uncommitted += 1
        self._done += 1
        if not self._again:
            place.committed += 1
            place.position = self._at
            return
        self._is_tried_again(place, self._again.pop(_key(self._at)))

    def _is_tried_again(self, place: Place, record: tuple[str, Failed]) -> None:
        name, failed = record
        self._tried_again.append(name)
        place.failed -= 1
        place.forget_reason(failed.reason)

    def _write(self) -> None:
        """Write the checkpoint; called before each commit, also one of the application."""
        failed, tried_again, self._failed, self._tried_again = self._failed, self._tried_again, [], []
        self._counting.write(failed, tried_again)

    def _finish(self, run: progress.RunProgress, place: Place) -> None:
        """All items are done: mark the checkpoint, in the last commit."""
        for record in self._again.values():
            self._is_tried_again(place, record)
            self.skip(_GONE)
        counted = place.status == FINISHED and not self._fail_at_end
        place.status = FINISHED
        if place.parts > 1 and not counted and not (place.failed and self._fail_at_end):
            parts.count_down(place)
        frappe.db.commit()
        self._report(run)

    def _join(self, run: progress.RunProgress, place: Place) -> None:
        """When several jobs share the loop: the first one continues after the loop when all are done; the
        others end.
        """
        if place.parts > 1:
            self._complain(place)
            parts.join(run, place)

    def _end(self) -> None:
        self._complain(self._counting)

    def _complain(self, place: Place) -> None:
        if place.failed and self._fail_at_end:
            reasons = ", ".join(f"{count:,} × {reason}" for reason, count in place.reasons.most_common(3))
            raise ItemsFailed(f"{place.failed:,} of {place.committed:,} items failed: {reasons}")

    def _report(self, run: progress.RunProgress) -> None:
        chunks, last = self._summary(), run.meter.last
        if run.tracking:  # a loop around this one reports for the job
            run.report(last.done, last.total, last.text, chunks=chunks)
        else:
            run.report(self._done, self._of, self._text, chunks=chunks)

    def _summary(self) -> Chunks:
        """The state from which the next run would continue: without the items of the current, uncommitted chunk."""
        place = self._counting
        ahead = 0 if self._does_failed else self._commits.uncommitted
        return replace(place.summary(), committed=place.committed - ahead)


def _key(position: Position) -> str:
    return str(position[0]) if isinstance(position, Sequence) and not isinstance(position, str) else str(position)


def each(
    items: Any,
    filters: Any = None,
    *,
    fields: Sequence[str] | None = None,
    docs: bool = False,
    size: int = progress_limits.CHUNK_ITEMS,
    seconds: float | None = None,
    text: str = "",
    name: str = "",
    parallel: int = 1,
    fail_at_end: bool = True,
) -> Each:
    """Iterate over items in chunks; each chunk is committed together with its checkpoint.

    items: a doctype's name (its rows by primary key, as `filters` say: names, or with `fields` rows, or with `docs`
    documents), or a list or generator that gives the same in each run.
    size, seconds: a chunk is committed after so many items or so long (5; on SQLite, which has room for one writer, 1),
    whichever comes first.
    name: of this loop, where a job has several and does not always run all of them.
    parallel: how many jobs share the work at once.
    fail_at_end: when items failed in `attempt`, the job fails when all others are done. Tried again, it does those
    alone.

    Outside a job it is a plain loop that commits nothing.
    """
    if seconds is None:
        seconds = progress_limits.SQLITE_CHUNK_S if frappe.db.db_type == "sqlite" else progress_limits.CHUNK_S
    if size < 1 or seconds <= 0 or parallel < 1:
        raise BadRequest("A chunk has at least one item and some time; at least one job works on them.")
    return Each(source(items, filters, fields, docs, size), size, seconds, text, name, parallel, fail_at_end)
