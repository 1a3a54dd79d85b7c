"""`job_console.once`: work that is done once for its key, however often it is asked for.

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
    """The work committed in its midst, and did not come to its end: nobody knows what is done."""


def once(key: str, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What `work(*args, **kwargs)` returns, or returned when it was done before; JSON must be able to hold it.

    Must be called in the transaction of the work, and the work must not commit. Two at the same moment: the second
    waits until the first commits (on SQLite: for the whole database), and then gets its outcome.

    Raises HalfDone, and whatever the work raises: then the key is free again.
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
    """After a commit there is no way back to before the work, and the key stays. What was done since then goes."""
    try:
        before.go_back()
    except Exception:  # as after a deadlock: the savepoint is gone with the transaction
        # PostgreSQL refuses all that comes next in this transaction, after a savepoint that is not there.
        with suppress(Exception):
            frappe.db.rollback()


def _take(name: str, key: str) -> bool:
    """By writing: who reads first can be overtaken."""
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
