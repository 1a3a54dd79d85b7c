"""A week's report, as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .layout import Document, Paint, table
from .values import age, plural


def report(document: Document, paint: Paint) -> Iterator[str]:
    now, before = document["total"]["now"], document["total"]["before"]
    yield paint(f"The week from {document['since'][:10]} to {document['until'][:10]} (UTC days)", bold=True)
    yield (
        f"{plural(now['runs'], 'run')} ({before['runs']:,} in the week before), "
        f"{now['failed']:,} failed ({before['failed']:,}), {now['timed_out']:,} timed out ({before['timed_out']:,}), "
        f"{_hours(now)} of workers' time ({_hours(before)})"
    )
    if document["workers_busy"] is not None:
        yield f"Workers were busy {document['workers_busy']:.0%} of the time."
    yield from (paint(note, "yellow") for note in document["notes"])
    yield from _methods("What failed most", document["failed_most"], paint)
    yield from _methods("What grew", document["grew"], paint)
    if document["queues"]:
        yield from ("", paint("How long jobs waited (the week before)", bold=True))
        cells = [
            (each["label"], f"{each['now']['runs']:,}", *(_wait(each, share) for share in ("p50", "p90", "p99")))
            for each in document["queues"]
        ]
        yield from table(("queue", "runs", "50%", "90%", "99%"), cells, paint, right=(1, 2, 3, 4))
    yield from ("", paint("What to change", bold=True))
    for each in document["advice"]:
        yield f"- {paint(each['text'])}"
        yield f"  {paint(each['todo'])}"
    if not document["advice"]:
        yield "Nothing that these figures tell."


def _methods(title: str, methods: Sequence[Document], paint: Paint) -> Iterator[str]:
    if not methods:
        return
    yield from ("", paint(title, bold=True))
    cells = [
        (
            f"{each['now']['failed'] + each['now']['timed_out']:,}",
            f"{each['before']['failed'] + each['before']['timed_out']:,}",
            f"{each['now']['runs']:,}",
            f"{each['before']['runs']:,}",
            _hours(each["now"]),
            _hours(each["before"]),
            each["method"],
        )
        for each in methods
    ]
    heads = ("failed", "before", "runs", "before", "workers' time", "before", "method")
    yield from table(heads, cells, paint, right=range(6), whole=(6,))


def _hours(total: Document) -> str:
    return age(total["worker_s"])


def _wait(queue: Document, share: str) -> str:
    now, before = queue["wait_s"][share], queue["wait_before_s"][share]
    return f"{age(now)} ({age(before)})" if before is not None else age(now)
