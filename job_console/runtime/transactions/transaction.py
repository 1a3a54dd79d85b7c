"""Ties locks to the site's transaction: they must be held before a commit, and are released after it.

Frappe runs each callback of a commit or rollback once and drops it, and drops those of the rollback when a commit
begins; so ours are registered again each time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import frappe

from job_console.engine.errors import JobConsoleError
from job_console.engine.locks.lease import Lease, check_all

from . import writes

if TYPE_CHECKING:
    from .savepoint import Savepoint


class Guard:
    """Guards the transactions of one database connection. Not thread-safe, as the connection is not."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self.leases: list[Lease] = []
        self.kept: list[Lease] = []
        self.savepoints: list[Savepoint] = []

    def watch(self, lease: Lease) -> None:
        if lease not in self.leases:
            self.leases.append(lease)
        self._arm()

    def unwatch(self, lease: Lease) -> None:
        if lease in self.leases:
            self.leases.remove(lease)

    def keep(self, lease: Lease) -> None:
        # A connection that is closed has nothing to commit any more.
        lease.let_go_when = lambda: self.db._conn is None
        self.kept.append(lease)
        self.watch(lease)

    def watch_again(self) -> None:
        """Register the callbacks again."""
        if self.leases:
            self._arm()

    def _arm(self) -> None:
        # A list of callbacks runs until it is empty: none may add to the list that it is called from.
        add_callback(self.db.before_commit, self._before_commit)
        add_callback(self.db.before_rollback, self._before_rollback)

    def _before_rollback(self) -> None:
        add_callback(self.db.after_rollback, self._after_end)

    def _before_commit(self) -> None:
        add_callback(self.db.after_commit, self._after_end)
        add_callback(self.db.before_rollback, self._before_rollback)
        try:
            # This also renews the leases, so that the commit has a whole lease of time.
            check_all(self.leases)
        except JobConsoleError:
            self.db.rollback()
            raise

    def _after_end(self) -> None:
        """After a commit or rollback: release the locks that were kept for it; those still in their block go on."""
        kept, self.kept = self.kept, []
        for lease in kept:
            lease.let_go_when = None
            if lease.kept:
                self.unwatch(lease)
                lease.finish()
        # A lost lock stays until its block ends, and no commit succeeds there.
        self.watch_again()


def watch(lease: Lease) -> None:
    if guard := _guard():
        guard.watch(lease)


def unwatch(lease: Lease) -> None:
    if guard := _guard():
        guard.unwatch(lease)


def release_at_end(lease: Lease) -> None:
    if guard := _guard():
        guard.keep(lease)


def guard_again() -> None:
    """Register the callbacks again, after a savepoint has reset the callbacks of the commit."""
    if guard := _guard():
        guard.watch_again()


def savepoints() -> list[Savepoint]:
    """Our open savepoints on this connection, the outermost first."""
    guard = _guard()
    return guard.savepoints if guard else []


def has_written() -> bool:
    """Whether there is something to commit."""
    db = _listened()
    return db is not None and writes.has_written(db)


def begin_anew() -> None:
    """End a transaction that has only read, so that the next read sees what others have committed since.

    `frappe.db.rollback()` is not used, as it would also drop the callbacks for the commit.
    """
    db = _listened()
    if db is None or writes.has_written(db) or getattr(db, "_disable_transaction_control", False):
        return
    # What Frappe has read so far was true in the transaction that ends.
    db.value_cache.clear()
    points = [point for point in savepoints() if not point.gone]
    if db._conn is None:  # Frappe connects with the first query, and on SQLite begins no transaction then
        db.connect()
    elif db.db_type != "sqlite" or db._conn.in_transaction:
        db.sql("rollback")
    db.begin()
    # Before each of them nothing was written: set here they are what they were.
    for point in points:
        point.set()


def _guard() -> Guard | None:
    db = _listened()
    if db is None:
        return None
    guard = getattr(frappe.local, "job_console_guard", None)
    if guard is None or guard.db is not db:
        guard = frappe.local.job_console_guard = Guard(db)
    return guard


def _listened() -> Any:
    writes.listen()
    return getattr(frappe.local, "db", None)


def add_callback(manager: Any, callback: Callable[[], None]) -> None:
    """Add a callback, unless it is registered already."""
    if callback not in getattr(manager, "_functions", ()):
        manager.add(callback)
