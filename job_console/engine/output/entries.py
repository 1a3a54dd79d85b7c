"""One entry of a job's log: how it is written into the ring, and read again.

An entry is a mark, a line that says when, how important and from where, and its text, which may have several lines. The
text has no mark in it; where the ring has overwritten the beginning of an entry, all of it is left out, so that no half
of a secret is left of which only the name is gone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from time import time

from ..models.output import Entry
from ..rq.records import from_score
from . import limits

MARK = b"\x1e"
#: What stands instead of what was left out of a long entry.
_CUT = " … ({count:,} characters)\n"
#: What a terminal obeys and does not show: colours, titles of windows, moves of the cursor.
_TERMINAL = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])"
)
_CONTROL = {code: "�" for code in (*range(32), 127, *range(128, 160)) if chr(code) not in "\t\n"}


def head(level: str, source: str) -> bytes:
    return b"%s%.3f\t%s\t%s\n" % (MARK, time(), level.encode(), source.encode("utf-8", "replace"))


def text_bytes(text: str) -> bytes:
    """The text of an entry: without the mark, of a long one its beginning and its last whole lines."""
    if len(text) > limits.ENTRY_CHARS:
        half = limits.ENTRY_CHARS // 2
        text = text[:half] + _CUT.format(count=len(text)) + text[-half:].partition("\n")[2]
    return text.encode("utf-8", "replace").replace(MARK, b"?")


def name_of(text: str) -> str:
    """A logger's name, which anybody may have given."""
    return text[: limits.NAME_CHARS].replace("\t", " ").replace("\n", " ").replace("\x1e", "?")


def parse(data: bytes) -> tuple[Entry, ...]:
    """From what a ring had, or Redis has: anybody may write there, and what is no entry is left out."""
    _before, *marked = data.decode("utf-8", "replace").split(MARK.decode())
    entries: list[Entry] = []
    for entry in filter(None, map(_entry, marked)):
        if entries and _goes_on(entries[-1], entry):
            entries[-1] = replace(entries[-1], text=entries[-1].text + entry.text)
        else:
            entries.append(entry)
    return tuple(entries)


def _entry(text: str) -> Entry | None:
    first, _, said = text.partition("\n")
    try:
        seconds, level, source = first.split("\t")
        return Entry(from_score(float(seconds)), level, source, said)
    except ValueError:
        return None


def _goes_on(before: Entry, entry: Entry) -> bool:
    """Whether what was printed is one line in two entries: a secret may stand in the second, and its name before."""
    return not entry.level and entry.source == before.source and not before.text.endswith("\n")


def shown(text: str) -> str:
    """As a terminal would leave it: without what it obeys; of a line that was written over, the last."""
    text = _TERMINAL.sub("", text).replace("\r\n", "\n").rstrip("\n")
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return text.translate(_CONTROL)
