"""What a job has printed and logged."""

from __future__ import annotations

from collections.abc import Iterator

from .layout import Document, Paint, clean
from .values import moment

_LEVEL = {"debug": "blue", "warning": "yellow", "error": "red", "critical": "red"}


def log(document: Document, paint: Paint) -> Iterator[str]:
    for note in document["notes"]:
        yield paint(note, "yellow")
    for entry in document["entries"]:
        yield from _entry(entry, entry["text"], paint)


class Follower:
    """Of one job: what is new in each answer since the one before."""

    def __init__(self) -> None:
        self._begun: str | None = None
        self._last: Document | None = None

    def lines(self, document: Document, paint: Paint) -> Iterator[str]:
        if document["begun_at"] != self._begun:  # another run
            self._begun, self._last = document["begun_at"], None
        entries = document["entries"]
        known = next((i for i in reversed(range(len(entries))) if self._is_last(entries[i])), None)
        if known is None:
            if self._last is not None:
                yield paint("… (more than is kept was printed meanwhile)", "yellow")
        else:
            more = entries[known]["text"][len(self._last["text"]) :] if self._last else ""
            if more:
                yield from _entry(entries[known], more.removeprefix("\n"), paint)
        for entry in entries[0 if known is None else known + 1 :]:
            yield from _entry(entry, entry["text"], paint)
        self._last = entries[-1] if entries else self._last

    def _is_last(self, entry: Document) -> bool:
        last = self._last
        if last is None or any(entry[name] != last[name] for name in ("at", "level", "source")):
            return False
        return bool(entry["text"].startswith(last["text"]))


def _entry(entry: Document, text: str, paint: Paint) -> Iterator[str]:
    level = entry["level"]
    source = f"{level} {entry['source']}" if level else entry["source"]
    first, *others = text.split("\n")
    yield f"{moment(entry['at'])}  {paint(source, _LEVEL.get(level))}  {clean(first)}".strip()
    for line in others:
        yield f"    {clean(line)}"
