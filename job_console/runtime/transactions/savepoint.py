"""Undoes a piece of work within a transaction: in the database, and what it wanted done after the commit."""

from collections import deque
from uuid import uuid4

import frappe

from . import transaction, writes


class Savepoint:
    """While it is open, a lock that begins the transaction anew sets it anew."""

    def __init__(self) -> None:
        self._name = f"jc{uuid4().hex[:12]}"
        self._db = frappe.local.db
        self._managers = (self._db.before_commit, self._db.after_commit)
        self._pending = [tuple(manager._functions) for manager in self._managers]
        self._open = transaction.savepoints()
        self._open.append(self)
        self.set()

    def set(self) -> None:
        """In the open transaction. On SQLite Frappe may have begun none, and then releasing a savepoint commits."""
        if self._db._conn is None:
            self._db.connect()
        if self._db.db_type == "sqlite" and not self._db._conn.in_transaction:
            self._db.begin()
        self._db.savepoint(self._name)
        self._transaction = writes.ended(self._db)

    @property
    def gone(self) -> bool:
        """Its transaction was committed or rolled back."""
        return writes.ended(self._db) != self._transaction

    def go_back(self) -> None:
        """What the work itself committed stays; then all that it did since then is undone."""
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
        """Nobody goes back to it any more."""
        if self in self._open:
            self._open.remove(self)
