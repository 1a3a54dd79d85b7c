"""Undoes a piece of work within a transaction: in the database, and what it wanted done after the commit."""

from collections import deque
from uuid import uuid4

import frappe


class Savepoint:
    def __init__(self) -> None:
        self._name = f"jc{uuid4().hex[:12]}"
        self._managers = (frappe.db.before_commit, frappe.db.after_commit)
        self._pending = [tuple(manager._functions) for manager in self._managers]
        frappe.db.savepoint(self._name)

    def go_back(self) -> None:
        frappe.db.rollback(save_point=self._name)
        for manager, pending in zip(self._managers, self._pending, strict=True):
            manager._functions = deque(pending)
        frappe.clear_messages()

    def release(self) -> None:
        frappe.db.release_savepoint(self._name)
