"""Saved views as text for people."""

from __future__ import annotations

from collections.abc import Iterator

from .layout import Document, Paint, clean, table


def views(document: Document, paint: Paint) -> Iterator[str]:
    if not document["views"]:
        yield "No saved views. job-console save-view NAME QUERY keeps one."
        return
    cells = [
        (
            clean(each["name"]),
            each["q"],
            each["sort"] or "",
            f"shared by {each['owner']}" if each["shared"] else "yours",
        )
        for each in document["views"]
    ]
    yield from table(("view", "query", "sort", "whose"), cells, paint, whole=(1,))
