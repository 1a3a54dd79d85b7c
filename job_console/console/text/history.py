"""Metrics over time, as text for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from .layout import Document, Paint, table
from .values import age, moment, plural


def history(document: Document, paint: Paint) -> Iterator[str]:
    total, run, wait = document["total"], document["run_s"], document["wait_s"]
    since = datetime.fromisoformat(document["since"].replace("Z", "+00:00")).astimezone()
    step = timedelta(seconds=document["step_s"])
    cells = [
        (
            f"{since + number * step:%Y-%m-%d %H:%M}",
            f"{total['runs'][number]:,}",
            f"{total['failed'][number] + total['timed_out'][number]:,}",
            *(age(times[name][number]) for times in (run, wait) for name in ("p50", "p90", "p99")),
            _busy(document["workers"], number),
        )
        for number in range(document["points"])
        if _any(document, number)
    ]
    if not cells:
        yield "Nothing has run in this time."
        yield from _marks(document, paint)
        return
    heads = ("from", "ended well", "failed", "ran 50%", "90%", "99%", "waited 50%", "90%", "99%", "workers busy")
    yield from table(heads, cells, paint, right=range(1, len(heads)))
    yield ""
    rows = [
        (f"{each['worker_s'] / 60:,.1f}", f"{each['runs']:,}", f"{each['failed']:,}", each["key"] or "(all)")
        for each in document["ranked"]
    ]
    yield from table(("worker minutes", "runs", "failed", document["by"]), rows, paint, right=(0, 1, 2), whole=(3,))
    if document["failures"]:
        yield ""
        yield "Failed: " + ", ".join(
            f"{each['type']} {plural(each['count'], 'time')}" for each in document["failures"][:10]
        )
    yield from _marks(document, paint)


def _marks(document: Document, paint: Paint) -> Iterator[str]:
    """What was changed meanwhile, the last first."""
    if not document["marks"]:
        return
    yield ""
    rows = [(moment(each["at"]), each["site"] or "", each["text"]) for each in reversed(document["marks"])]
    yield from table(("changed", "site", "what"), rows, paint, whole=(2,))
    if document["marks_left_out"]:
        yield f"And {document['marks_left_out']:,} more."


def _any(document: Document, number: int) -> bool:
    total = document["total"]
    counted = any(total[name][number] for name in ("runs", "failed", "timed_out"))
    return counted or document["workers"]["alive"][number] is not None or document["wait_s"]["p50"][number] is not None


def _busy(workers: Document, number: int) -> str:
    if workers["alive"][number] is None:
        return ""
    return f"{workers['busy'][number]:g} of {workers['alive'][number]:g}"
