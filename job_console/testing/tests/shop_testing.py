"""An app's jobs, as the tests of `job_console.testing` want them. What they do is a ToDo's description."""

from typing import Any

import frappe
from frappe.utils.background_jobs import enqueue, get_queue

import job_console

SHOP = __name__
KEY = "job-console-test-shop"


def note(text: str) -> None:
    frappe.get_doc({"doctype": "ToDo", "name": frappe.generate_hash(), "description": text}).db_insert()


def notes() -> list[str]:
    return sorted(frappe.get_all("ToDo", {"description": ("like", "shop:%")}, pluck="description"))


def forget() -> None:
    frappe.db.delete("ToDo", {"description": ("like", "shop:%")})


def submit(customer: str, after_commit: bool = True) -> None:
    """As code of an app that does not know us."""
    enqueue(f"{SHOP}.sync", queue="long", timeout=99, enqueue_after_commit=after_commit, customer=customer)


def sync(customer: str, **ignored: Any) -> str:
    note(f"shop:{customer} by {frappe.session.user}")
    return f"synced {customer}"


def fail(**ignored: Any) -> None:
    note("shop:never")
    raise ValueError("this one fails, on purpose")


def fail_at_first(name: str) -> str:
    tried = [each for each in notes() if each.startswith(f"shop:tried {name}")]
    note(f"shop:tried {name} {len(tried) + 1}")
    frappe.db.commit()
    if len(tried) < 2:
        raise ConnectionError("not this time")
    return "done"


def first() -> None:
    note("shop:first")
    frappe.enqueue(f"{SHOP}.sync", queue="short", customer="second")
    get_queue("default").enqueue_call(f"{SHOP}.plain", kwargs={"text": "third"})


def plain(text: str) -> str:
    """Without Frappe's wrapper: nobody commits."""
    note(f"shop:{text}")
    return text


def locked() -> str:
    """A lock begins a new transaction, where nothing is to be committed."""
    frappe.db.commit()
    with job_console.lock(KEY, wait=0):
        pass
    return "held"


def pay(order: str) -> None:
    job_console.once(f"{KEY}:{order}", _pay, order)


def _pay(order: str) -> bool:
    note(f"shop:paid {order}")
    return True


def pay_carelessly(order: str) -> None:
    """Looks first, and then does it."""
    if not frappe.db.exists("ToDo", {"description": f"shop:paid {order}"}):
        note(f"shop:paid {order}")


def pay_in_turn(order: str) -> None:
    with job_console.lock(f"{KEY}:{order}"):
        pay_carelessly(order)


def rebuild(count: int) -> None:
    for item in job_console.each(range(count), size=2):
        note(f"shop:{item:02}")


def rebuild_carelessly(count: int) -> None:
    """Commits in its midst, and begins from the first again."""
    for item in range(count):
        note(f"shop:{item:02}")
        if item % 2:
            frappe.db.commit()


def nightly() -> None:
    note("shop:nightly")


def nightly_fails() -> None:
    raise ValueError("in the night")


def endless() -> None:
    frappe.enqueue(f"{SHOP}.endless", queue="short")


def again_in_place(mark: str) -> None:
    """As after a deadlock."""
    if not frappe.cache.get_value(mark):
        frappe.cache.set_value(mark, 1, expires_in_sec=60)
        raise frappe.RetryBackgroundJobError
    note(f"shop:in place by {frappe.session.user}")
