"""What a connection's open transaction has written, and how many it has ended: Frappe's own count is not enough.

Frappe takes a rollback to a savepoint for one of the whole transaction: its `transaction_writes` is 0 then, whatever
was written before the savepoint and still waits for the commit. So the method that counts is wrapped.
"""

import re
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import frappe
from frappe.database.database import Database

_TRANSACTION = re.compile(
    r"\s*(commit|begin|savepoint|rollback)\b(?:\s+(?:work|transaction)\b)?(\s+to\b)?(?:\s+savepoint\b)?\s*(\S*)",
    re.IGNORECASE,
)


@dataclass
class _Record:
    """Of one connection."""

    #: The open transaction has, or may have, writes that Frappe does not count (any more).
    pending: bool = False
    #: How many transactions have ended.
    ended: int = 0
    #: Savepoints before which nothing was written.
    clean: set[str] = field(default_factory=set)


def listen(begins: bool = False) -> None:
    """Once per process. begins: the open transaction has executed nothing yet that would have to be counted."""
    count = Database.check_transaction_status
    if getattr(count, "job_console_listens", False):
        return

    @wraps(count)
    def count_and_note(db: Database, query: str, *args: Any, **kwargs: Any) -> None:
        statement = _TRANSACTION.match(query)
        before = statement is not None and has_written(db)
        count(db, query, *args, **kwargs)
        if statement is not None:
            _note(db, statement, before)

    count_and_note.__dict__["job_console_listens"] = True
    db = getattr(frappe.local, "db", None)
    if db is not None and db._conn is not None and not begins:
        _record(db).pending = _may_have_written(db)
    Database.check_transaction_status = count_and_note


def has_written(db: Any) -> bool:
    """Whether there is, or may be, something to commit."""
    return bool(db.transaction_writes) or _record(db).pending


def may_have_written(db: Any) -> None:
    """From now on the open transaction is taken for one with writes, until it ends."""
    _record(db).pending = True


def ended(db: Any) -> int:
    """How many transactions of this connection have ended, by a commit or a rollback."""
    return _record(db).ended


def _note(db: Any, statement: re.Match[str], before: bool) -> None:
    record, what, savepoint = _record(db), statement[1].lower(), statement[3].strip('`";').lower()
    if what == "savepoint":
        (record.clean.discard if before else record.clean.add)(savepoint)
    elif what == "rollback" and statement[2]:
        record.pending = before and savepoint not in record.clean
    elif what != "begin" or (db.db_type == "sqlite" and not db._conn.in_transaction):
        # On SQLite Frappe commits and rolls back without a statement, and then begins the next one.
        record.pending = False
        record.ended += 1
        record.clean.clear()


def _record(db: Any) -> _Record:
    record = getattr(db, "job_console_heard", None)
    if record is None:
        record = db.job_console_heard = _Record()
    return record


def _may_have_written(db: Any) -> bool:
    """What the database knows of the time before we listened: a savepoint may have hidden something from the count."""
    if db.db_type == "sqlite":
        return db._conn.total_changes > 0
    if db.db_type == "postgres":
        return db.sql("select txid_current_if_assigned()")[0][0] is not None
    return int(db.sql("show session status like 'Handler_savepoint_rollback'")[0][1]) > 0
