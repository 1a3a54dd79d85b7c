"""Failures by their cause, and the groups of them that are retried, as text for people."""

from __future__ import annotations

from collections.abc import Iterator

from .layout import Document, Paint, clean, table
from .values import moment, plural

_STATES = {"trying": "blue", "releasing": "blue", "done": "green", "stopped": "red", "canceled": "yellow"}


def failures(document: Document, paint: Paint) -> Iterator[str]:
    for each in document["canaries"]:
        yield from canary({"canary": each}, paint)
    if not document["groups"]:
        yield "Nothing has failed." if not document["total"] else f"No groups on page {document['page']}."
        return
    heads = ("count", "error", "method", "message", "in", "first", "last", "group")
    cells = [
        (
            f"{group['count']:,}",
            group["type"],
            group["method"],
            group["message"],
            group["frame"] or "",
            moment(group["first_at"]),
            moment(group["last_at"]),
            group["group"],
        )
        for group in document["groups"]
    ]
    yield from table(heads, cells, paint, right=(0,), whole=(7,))
    yield _summary(document)


def _summary(document: Document) -> str:
    least = "" if document["whole"] else "at least "
    counts = f"{least}{plural(document['counted'], 'failure')} in {least}{plural(document['total'], 'group')}"
    more = "" if document["whole"] else f"; not all of {document['failed']:,} were gone through yet: ask again"
    gone = f"; the records of {document['without_record']:,} are gone" if document["without_record"] else ""
    return counts + more + gone


def canary(document: Document, paint: Paint) -> Iterator[str]:
    each = document["canary"]
    counts = (
        f"{each['released']:,} of {each['total']:,} released, {each['well']:,} ended well, {each['failed']:,} failed"
    )
    yield f"{paint(each['state'], _STATES.get(each['state']), bold=True)}  {clean(each['canary'])}: {counts}"
    yield f"  {clean(each['method'])}: {clean(each['type'])}, by {clean(each['by'])}: {clean(each['reason'])}"
    if each["state"] in ("trying", "releasing"):
        yield f"  {each['rate']:g} a minute, stops at {plural(each['stop_at'], 'failure')} alike"
    if each["error"]:
        yield f"  {clean(each['error'])}"
