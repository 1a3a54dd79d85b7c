"""What would change, as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .layout import Document, Paint, table
from .values import age, plural

_SHARES = ("p50", "p90", "p99")


def what_if(document: Document, paint: Paint) -> Iterator[str]:
    workers, busy = document["workers"], document["busy"]
    yield f"Workers now:  {_crew(workers['now'])}{_busy(busy['now'])}"
    yield f"Workers then: {_crew(workers['then'])}{_busy(busy['then'])}"
    if document["queues"]:
        yield ""
        cells = [
            (each["label"], f"{each['known']:,}", *(_cell(each, share) for share in _SHARES))
            for each in document["queues"]
        ]
        heads = ("jobs wait in", "runs known", *(f"{share[1:]}% now > then" for share in _SHARES))
        yield from table(heads, cells, paint, right=(1, 2, 3, 4))
        days, jobs = document["days_played"], plural(document["jobs_played"], "job")
        yield f"{plural(days, 'day')} with {jobs} were played, drawn from {document['days_known']} recorded ones."
    if document["keep"]:
        yield ""
        yield paint(document["keep"]["text"], bold=True)
        for option in document["keep"]["options"]:
            yield f"- {paint(option['text'])}  --workers '{option['workers']}'"
    if document["notes"]:
        yield ""
        yield from (paint(note, "yellow") for note in document["notes"])
    yield ""
    yield paint("Assumed:", bold=True)
    yield from (f"- {paint(each)}" for each in document["assumed"])


def _crew(crew: Sequence[Document]) -> str:
    return ", ".join(f"{each['count']} x {'+'.join(each['queues'])}" for each in crew) or "none"


def _busy(share: float | None) -> str:
    return "" if share is None else f" (busy {share:.0%})"


def _cell(queue: Document, share: str) -> str:
    return f"{_age(queue['now_s'][share])} > {_age(queue['then_s'][share])}"


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "?"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else age(seconds)
