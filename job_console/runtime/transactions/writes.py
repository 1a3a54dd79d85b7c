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

_TELLING = re.compile(
    r"\s*(commit|begin|savepoint|rollback)\b(?:\s+(?:work|transaction)\b)?(\s+to\b)?(?:\s+savepoint\b)?\s*(\S*)",
    re.IGNORECASE,
)


@dataclass
class _Heard:
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
    def count_and_hear(db: Database, query: str, *args: Any, **kwargs: Any) -> None:
        said = _TELLING.match(query)
        before = said is not None and has_written(db)
        count(db, query, *args, **kwargs)
        if said is not None:
            _hear(db, said, before)

    count_and_hear.__dict__["job_console_listens"] = True
    db = getattr(frappe.local, "db", None)
    if db is not None and db._conn is not None and not begins:
        _heard(db).pending = _may_have_written(db)
    Database.check_transaction_status = count_and_hear


def has_written(db: Any) -> bool:
    """Whether there is, or may be, something to commit."""
    return bool(db.transaction_writes) or _heard(db).pending


def ended(db: Any) -> int:
    """How many transactions of this connection have ended, by a commit or a rollback."""
    return _heard(db).ended


def _hear(db: Any, said: re.Match[str], before: bool) -> None:
    heard, what, savepoint = _heard(db), said[1].lower(), said[3].strip('`";').lower()
    if what == "savepoint":
        (heard.clean.discard if before else heard.clean.add)(savepoint)
    elif what == "rollback" and said[2]:
        heard.pending = before and savepoint not in heard.clean
    elif what != "begin" or (db.db_type == "sqlite" and not db._conn.in_transaction):
        # On SQLite Frappe commits and rolls back without a statement, and then begins the next one.
        heard.pending = False
        heard.ended += 1
        heard.clean.clear()


def _heard(db: Any) -> _Heard:
    heard = getattr(db, "job_console_heard", None)
    if heard is None:
        heard = db.job_console_heard = _Heard()
    return heard


def _may_have_written(db: Any) -> bool:
    """What the database knows of the time before we listened: a savepoint may have hidden something from the count."""
    if db.db_type == "sqlite":
        return db._conn.total_changes > 0
    if db.db_type == "postgres":
        return db.sql("select txid_current_if_assigned()")[0][0] is not None
    return int(db.sql("show session status like 'Handler_savepoint_rollback'")[0][1]) > 0
