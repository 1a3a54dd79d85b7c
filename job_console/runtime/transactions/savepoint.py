"""Undoes a part of a transaction: its changes in the database, and its callbacks for the commit."""

from collections import deque
from uuid import uuid4

import frappe

from . import transaction, writes


class Savepoint:
    """While it is open, a lock that restarts the transaction (`begin_anew`) sets the savepoint again."""

    def __init__(self) -> None:
        self._name = f"jc{uuid4().hex[:12]}"
        self._db = frappe.local.db
        self._managers = (self._db.before_commit, self._db.after_commit)
        self._pending = [tuple(manager._functions) for manager in self._managers]
        self._open = transaction.savepoints()
        self._open.append(self)
        self.set()

    def set(self) -> None:
        """Set it in the open transaction. On SQLite Frappe may have begun none; releasing a savepoint would
        commit then.
        """
        if self._db._conn is None:
            self._db.connect()
        if self._db.db_type == "sqlite" and not self._db._conn.in_transaction:
            self._db.begin()
        self._db.savepoint(self._name)
        self._transaction = writes.ended(self._db)

    @property
    def gone(self) -> bool:
        """Whether its transaction was committed or rolled back."""
        return writes.ended(self._db) != self._transaction

    def go_back(self) -> None:
        """Roll back to the savepoint. After a commit by the work, only what was done since is undone."""
        self.close()
        if self.gone:
            self._db.rollback()
        else:
            self._db.rollback(save_point=self._name)
            for manager, pending in zip(self._managers, self._pending, strict=True):
                manager._functions = deque(pending)
            transaction.guard_again()
        frappe.clear_messages()

    def release(self) -> None:
        self.close()
        if not self.gone:
            self._db.release_savepoint(self._name)

    def close(self) -> None:
        """Release the savepoint."""
        if self in self._open:
            self._open.remove(self)
