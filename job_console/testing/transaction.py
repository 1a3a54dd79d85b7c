"""A job runs in the transaction of the test: its commits and rollbacks end at savepoints.

So it sees what the test has written and not committed, and Frappe's test case undoes all of it at its end. What the
test itself has registered for its commit does not happen when the job commits.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import frappe
from frappe.utils import CallbackManager

from job_console.runtime.transactions import writes

_CALLBACKS = ("before_commit", "after_commit", "before_rollback", "after_rollback")


class TransactionLost(AssertionError):
    """The savepoint is gone: the job has ended the test's transaction, as MariaDB does with a statement of DDL."""


class JobTransaction:
    """While it is open, the site's connection commits and rolls back to here at most."""

    def __init__(self, at_commit: Callable[[str], None] = lambda _when: None) -> None:
        self.db: Any = frappe.local.db
        #: Called with `before` when what precedes a commit has been done, and with `after` behind the commit itself.
        self.at_commit = at_commit
        self.commits = 0
        self._name = f"jc{uuid4().hex[:12]}"

    def __enter__(self) -> "JobTransaction":
        db = self.db
        writes.listen()
        self._callbacks = {name: getattr(db, name) for name in _CALLBACKS}
        self._guard = getattr(frappe.local, "job_console_guard", None)
        frappe.local.job_console_guard = None
        for name in _CALLBACKS:
            setattr(db, name, CallbackManager())
        # No statement of our own may end the transaction either: see `runtime.transactions.transaction.begin_anew`.
        self._control = getattr(db, "_disable_transaction_control", 0)
        db._disable_transaction_control = 1
        _begin(db, self._name)
        db.commit, db.rollback, db.begin = self._commit, self._rollback, lambda **_options: None
        return self

    def __exit__(self, *error: object) -> None:
        db = self.db
        for name in ("commit", "rollback", "begin"):
            delattr(db, name)
        db._disable_transaction_control = self._control
        for name, manager in self._callbacks.items():
            setattr(db, name, manager)
        frappe.local.job_console_guard = self._guard
        with suppress(Exception):  # it is gone when the transaction is: `TransactionLost` has said so
            db.release_savepoint(self._name)
        writes.may_have_written(db)

    def undo(self) -> None:
        """What was done since the last commit, as when its process died."""
        self.db._disable_transaction_control = 1
        self._rollback()

    def _commit(self, **_options: Any) -> None:
        db = self.db
        if db._disable_transaction_control > 1:
            return  # within a document's events, where Frappe does not commit either
        db.before_rollback.reset()
        db.after_rollback.reset()
        db.before_commit.run()
        self.at_commit("before")
        db.check_transaction_status("commit")
        self._again()
        self.commits += 1
        self.at_commit("after")
        db.after_commit.run()

    def _again(self) -> None:
        """A new transaction begins."""
        try:
            self.db.release_savepoint(self._name)
        except Exception as error:
            raise TransactionLost(TransactionLost.__doc__) from error
        self.db.savepoint(self._name)

    def _rollback(self, *, save_point: str | None = None, **_options: Any) -> None:
        db = self.db
        if save_point:
            type(db).rollback(db, save_point=save_point)
            return
        if db._disable_transaction_control > 1:
            return
        db.before_commit.reset()
        db.after_commit.reset()
        db.before_rollback.run()
        try:
            type(db).rollback(db, save_point=self._name)
        except Exception as error:
            raise TransactionLost(TransactionLost.__doc__) from error
        db.check_transaction_status("rollback")
        db.value_cache.clear()
        db.after_rollback.run()


@contextmanager
def undone() -> Iterator[None]:
    """What is written meanwhile is undone in the end."""
    db, name = frappe.local.db, f"jc{uuid4().hex[:12]}"
    _begin(db, name)
    try:
        yield
    finally:
        db.rollback(save_point=name)
        db.release_savepoint(name)
        db.value_cache.clear()
        writes.may_have_written(db)


def _begin(db: Any, savepoint: str) -> None:
    if db._conn is None:
        db.connect()
    if db.db_type == "sqlite" and not db._conn.in_transaction:
        db.begin()
    db.savepoint(savepoint)


def committed() -> None:
    """Do what was registered for the commit of the test's transaction, as if it were committed."""
    db: Any = frappe.local.db
    db.before_commit.run()
    db.after_commit.run()
