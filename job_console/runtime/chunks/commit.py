"""Ties a loop's checkpoint to the site's transaction: every commit, also the application's own, writes the checkpoint.

Frappe runs each callback once and drops it, and drops those of the rollback when a commit begins; so ours are
registered again each time. See transaction.py, which does the same for locks.
"""

from collections.abc import Callable
from time import monotonic, sleep

import frappe

from job_console.engine.errors import BadRequest
from job_console.engine.progress import limits as progress_limits

from .. import traces
from ..transactions.transaction import add_callback, begin_anew
from .checkpoint import Place


class Commits:
    """While it is open, `write` is called before each commit."""

    def __init__(self, write: Callable[[], None]) -> None:
        #: Items whose effects are in the open transaction.
        self.uncommitted = 0
        self._write = write
        self._lost = 0
        self._open = False
        self._on_sqlite = frappe.db.db_type == "sqlite"
        #: When other writers had their last chance (SQLite).
        self._let_in = monotonic()

    def __enter__(self) -> "Commits":
        self._open = True
        self._arm()
        return self

    def __exit__(self, *error: object) -> None:
        self._open = False

    def begin(self, place: Place) -> None:
        """A new chunk."""
        if self._on_sqlite:
            self._let_others_write()
            begin_anew()
            place.touch()

    def _let_others_write(self) -> None:
        """Pause between two chunks on SQLite, which allows one writer: otherwise a login, for example, would wait for
        the whole loop.
        """
        if monotonic() - self._let_in >= progress_limits.SQLITE_CHUNK_S:
            sleep(progress_limits.SQLITE_GAP_S)
            self._let_in = monotonic()

    def must_be_whole(self) -> None:
        """Raises when the loop's body has also rolled back the work for earlier items."""
        if self._lost:
            raise BadRequest(
                f"A rollback in the loop's body undid {self._lost} items before the present one as well. "
                "Use `with loop.attempt():` around what may fail. Nothing is lost: they are done again in the next run."
            )

    def _arm(self) -> None:
        add_callback(frappe.db.before_commit, self._before_commit)
        add_callback(frappe.db.before_rollback, self._before_rollback)

    def _before_commit(self) -> None:
        if not self._open:
            return
        add_callback(frappe.db.after_commit, self._after_commit)
        if self._lost:
            return  # what was done is not what was counted; `must_be_whole` tells the loop
        try:
            self._write()
        except BaseException:
            frappe.db.rollback()
            raise

    def _after_commit(self) -> None:
        if self._open and self.uncommitted:
            traces.event("chunk committed", **{"job_console.items": self.uncommitted})
        self.uncommitted = 0
        if self._open:
            self._arm()

    def _before_rollback(self) -> None:
        if self._open:
            self._lost += self.uncommitted
            self.uncommitted = 0
            add_callback(frappe.db.after_rollback, self._arm)
