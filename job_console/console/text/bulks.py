"""Bulk actions: how far one is, how it ended, and those of the last day."""

from __future__ import annotations

from collections.abc import Iterator

from .layout import Document, Paint, clean, table
from .values import moment, plural


def bulk_progress(document: Document) -> str:
    if document["state"] == "collecting":
        return f"{document['matched']:,} found, {document['scanned']:,} of {document['of']:,} looked through"
    return f"{document['tried']:,} of {document['matched']:,}"


def bulk(document: Document, paint: Paint) -> Iterator[str]:
    yield paint(f"{document['action']}: {document['state']}, {plural(document['matched'], 'job')} matched", bold=True)
    if document["error"]:
        yield paint(document["error"], "red")
    for kind in document["kinds"]:
        how = kind["state"] if kind["ok"] else " ".join(filter(None, ("not done:", kind["state"], kind["reason"])))
        yield f"  {kind['count']:,} {paint(how, None if kind['ok'] else 'yellow')}"
    if document["cut"]:
        yield f"More match than the {document['limit']:,} of one bulk action: do it again for them."
    if document["undo"]:
        yield f"Undo, as far as they have not started: job-console undo {clean(document['id'])}"


def bulks(document: Document, paint: Paint) -> Iterator[str]:
    if not document["bulks"]:
        yield "No bulk action in the last day."
        return
    cells = [
        (each["state"], each["id"], each["action"], each["q"] or f"undoes {each['undoes']}", each["by"],
         f"{each['tried']:,} of {each['matched']:,}", moment(each["started_at"]))
        for each in document["bulks"]
    ]  # fmt: skip
    yield from table(("state", "bulk", "action", "query", "by", "jobs", "began"), cells, paint, whole=(1,))
