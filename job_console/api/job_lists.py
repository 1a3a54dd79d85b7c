"""Lists of jobs: pages, searches, the query language, and of what the waiting jobs are made."""

from typing import Any

import frappe

from job_console.bridge.access import console, for_managers


@frappe.whitelist()
@for_managers
def jobs(
    queue: str | None = None,
    status: str | None = None,
    method: str | None = None,
    user: str | None = None,
    text: str | None = None,
    q: str | None = None,
    page: int = 1,
    size: int = 20,
    sort: str | None = None,
    at: str | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """A page of this site's jobs; `q` asks in the query language, `method` is a glob or a part of the name."""
    which = {"queue": queue, "status": status, "method": method, "user": user, "text": text, "q": q}
    return console().jobs.page(**which, page=page, size=size, sort=sort, at=at, after=after)


@frappe.whitelist()
@for_managers
def search(
    text: str | None = None,
    method: str | None = None,
    user: str | None = None,
    queue: str | None = None,
    status: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
) -> dict[str, Any]:
    """One slice of a search over all jobs; call again with the answer's cursor until it is null."""
    return console().jobs.search(text=text, method=method, user=user, queue=queue, status=status, q=q, cursor=cursor)


@frappe.whitelist()
@for_managers
def complete_query(q: str = "", cursor: int | None = None) -> dict[str, Any]:
    """What may stand where the cursor is in a query, and what is wrong with it, and where."""
    return console().jobs.complete(q, cursor)


@frappe.whitelist()
@for_managers
def waiting(queue: str | None = None) -> dict[str, Any]:
    """Of what the waiting jobs are made: by method and user, from a bounded sample."""
    return console().jobs.waiting(queue)
