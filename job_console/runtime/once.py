"""`job_console.once`: runs work at most once for a key, and returns its result to every caller.

    def charge(order):
        return job_console.once(f"charge:{order}", make_payment, order)

The key is a row of the site's database, written in the transaction of the work: both are committed, or neither is. Who
asks again gets what the work returned.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import frappe
from rq import get_current_job

from .transactions.savepoint import Savepoint

DOCTYPE = "Job Once Key"


class HalfDone(frappe.ValidationError):
    """The work committed and then failed, so it is not known how much of it is done."""


def once(key: str, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run `work(*args, **kwargs)` unless it was done for this key before; returns its result, which JSON must be able
    to hold.

    It runs in the caller's transaction, and the work must not commit. Of two calls at the same moment the second one
    waits until the first commits (on SQLite: for the whole database), and then gets its result.

    Raises HalfDone, and whatever the work raises; after the latter the key is free again.
    """
    name = hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()
    before = Savepoint()
    if not _take(name, key):
        before.go_back()
        return _replay(name, key)
    try:
        outcome = work(*args, **kwargs)
        packed = json.dumps(outcome)
    except BaseException:
        _go_back(before)
        raise
    table = frappe.qb.DocType(DOCTYPE)
    frappe.qb.update(table).set(table.outcome, packed).where(table.name == name).run()
    before.release()
    return outcome


def _go_back(before: Savepoint) -> None:
    """Roll back to before the work. After a commit within the work only what was done since then is undone, and the key
    stays.
    """
    try:
        before.go_back()
    except Exception:  # as after a deadlock: the savepoint is gone with the transaction
        # PostgreSQL refuses all that comes next in this transaction, after a savepoint that is not there.
        with suppress(Exception):
            frappe.db.rollback()


def _take(name: str, key: str) -> bool:
    """Insert the key. A read first would leave a gap for another process."""
    job = get_current_job()
    row = {"doctype": DOCTYPE, "name": name, "key": key[:255], "job": job.id if job else None}
    try:
        frappe.get_doc(row).db_insert()
    except (frappe.DuplicateEntryError, frappe.UniqueValidationError):
        frappe.clear_last_message()  # Frappe has already put a message about a duplicate there
        return False
    return True


def _replay(name: str, key: str) -> Any:
    table = frappe.qb.DocType(DOCTYPE)
    frappe.qb.update(table).set(table.replays, table.replays + 1).where(table.name == name).run()
    found = frappe.db.get_value(DOCTYPE, name, "outcome", for_update=True)
    if found is None:
        raise HalfDone(
            f"The work for {key!r} has committed in its midst, and did not end. See what is done, "
            "then delete its Job Once Key."
        )
    return json.loads(found)
