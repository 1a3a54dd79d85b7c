"""Locks and the site's transaction: before a commit they must still be held, and they are kept until it is through.

Frappe runs each callback of a commit or rollback once and forgets it, and forgets those of the rollback when a commit
begins; so ours come back each time.
"""

from collections.abc import Callable

import frappe

from job_console.engine.errors import JobConsoleError
from job_console.engine.locks.lease import Lease, check_all


class Guard:
    """Watches over one database connection. Not for several threads: neither is the connection."""

    def __init__(self, db) -> None:
        self.db = db
        self.leases: list[Lease] = []
        self.kept: list[Lease] = []

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
            # Also begins the leases anew: the commit has the whole of one to get through.
            check_all(self.leases)
        except JobConsoleError:
            self.db.rollback()
            raise

    def _after_end(self) -> None:
        """Committed or rolled back: what was kept for that goes back, what is still in its block goes on."""
        kept, self.kept = self.kept, []
        for lease in kept:
            lease.let_go_when = None
            if lease.kept:
                self.unwatch(lease)
                lease.finish()
        # One that is lost stays until its block ends, and lets nothing be committed there.
        if self.leases:
            self._arm()


def watch(lease: Lease) -> None:
    if guard := _guard():
        guard.watch(lease)


def unwatch(lease: Lease) -> None:
    if guard := _guard():
        guard.unwatch(lease)


def release_at_end(lease: Lease) -> None:
    if guard := _guard():
        guard.keep(lease)


def has_written() -> bool:
    """Whether there is something to commit."""
    db = _db()
    return db is not None and bool(db.transaction_writes)


def begin_anew() -> None:
    """End a transaction that has only read, so that the next read sees what others have committed since.

    Not by `frappe.db.rollback()`: that would also forget what is to be done after the commit.
    """
    db = _db()
    if db is None or db.transaction_writes or getattr(db, "_disable_transaction_control", 0):
        return
    if db._conn is None:  # Frappe connects with the first query, and on SQLite begins no transaction then
        db.connect()
    elif db.db_type != "sqlite" or db._conn.in_transaction:
        db.sql("rollback")
    db.begin()


def _guard() -> Guard | None:
    db = _db()
    if db is None:
        return None
    guard = getattr(frappe.local, "job_console_guard", None)
    if guard is None or guard.db is not db:
        guard = frappe.local.job_console_guard = Guard(db)
    return guard


def _db():
    return getattr(frappe.local, "db", None)


def add_callback(manager, callback: Callable) -> None:
    """Once, however often it is asked for."""
    if callback not in getattr(manager, "_functions", ()):
        manager.add(callback)
