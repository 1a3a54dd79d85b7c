"""The screen as lines of a width and a height: pure, nothing is written to a terminal here."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ..text import VERDICT, age, clean, plural
from .state import Json, State

#: Warnings and lanes that are shown before the jobs, on a screen of 24 lines; a taller one shows more.
WARNINGS, LANES = 4, 6
KEYS = (
    ("/", "search, as on the page: method:sync_* user:mia status:failed"),
    ("j  k", "next row, previous row (also the arrows)"),
    ("Enter", "open the row's job"),
    ("r", "retry it"),
    ("c", "cancel it"),
    ("s", "stop it"),
    ("u", "undo the cancel of a moment ago"),
    ("?", "this help"),
    ("Esc", "close, or leave the search"),
    ("q", "end"),
)


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    #: red, yellow, green, blue, dim or None.
    colour: str | None = None
    bold: bool = False
    #: The marked row.
    marked: bool = False


def draw(state: State, width: int, height: int) -> list[Line]:
    """Exactly `height` lines, none wider than `width`."""
    body = max(height - 3, 1)
    if state.view == "help":
        middle = [Line(f"  {keys:<8}{words}") for keys, words in KEYS]
    elif state.view == "job":
        state.scroll = max(0, min(state.scroll, len(state.lines) - body))
        middle = [Line(text) for text in state.lines[state.scroll : state.scroll + body]]
    else:
        middle = _bench(state, width, body)
    lines = [*_head(state, width), *middle[:body]]
    lines += [Line("")] * (height - 1 - len(lines))
    return [_cut(line, width) for line in [*lines[: height - 1], _last(state)]]


def _head(state: State, width: int) -> Iterator[Line]:
    if state.problem:
        yield Line(_apart(state.problem, f"last seen {age(state.age_s)} ago", width), "red", bold=True)
    elif state.snapshot is None:
        yield Line("Looking…", bold=True)
    else:
        health = state.snapshot["health"]
        verdict = health["verdict"] if health["telling"] else "unknown"
        said = (health["reasons"] or ["All is well."])[0]
        yield Line(_apart(f"{verdict}  {clean(said)}", age(state.age_s), width), VERDICT.get(verdict), bold=True)
    yield Line(state.heading, "dim")


def _bench(state: State, width: int, height: int) -> list[Line]:
    if state.snapshot is None:
        return []
    extra = max(height - 21, 0) // 4
    above = [*_warnings(state.snapshot, WARNINGS + extra), *_lanes(state.snapshot, width, LANES + extra)]
    title = f"{state.query!r}: {plural(len(state.rows()), 'job')}" if state.query else "jobs"
    above += [Line(""), Line(title, bold=True)]
    state.room = max(height - len(above), 1)
    return [*above, *_jobs(state, width)]


def _warnings(snapshot: Json, most: int) -> Iterator[Line]:
    asking = [warning for warning in snapshot["warnings"] if not warning["silenced"]]
    for warning in asking[:most]:
        yield Line(f"{warning['code']}  {clean(warning['message'])}", VERDICT.get(warning["severity"]))
    if len(asking) > most:
        yield Line(f"and {plural(len(asking) - most, 'more warning')}", "dim")
    if snapshot["suspended"]:
        yield Line("The workers are told to take no work.", "yellow")
    yield Line("")


def _lanes(snapshot: Json, width: int, most: int) -> Iterator[Line]:
    name = max(width - 62, 12)
    yield Line(f"{'lane':<{name}}{'waiting':>9}{'oldest':>14}{'running':>9}{'failed':>9}  busy/idle", bold=True)
    for lane in snapshot["queues"][:most]:
        counts, workers = lane["counts"], lane["workers"]
        label = _fit(lane["label"] + (" (paused)" if lane["paused"] else ""), name - 1)
        numbers = f"{counts['queued']:>9,}{age(lane['oldest_wait_s']):>14}{counts['started']:>9,}{counts['failed']:>9,}"
        yield Line(f"{label} {numbers}  {workers['busy']}/{workers['idle']}", "yellow" if lane["paused"] else None)
    left = len(snapshot["queues"]) - most
    if left > 0:
        yield Line(f"and {plural(left, 'more lane')}", "dim")


def _jobs(state: State, width: int) -> Iterator[Line]:
    rows = state.rows()
    if not rows:
        yield Line("Nothing matches." if state.query else "Nothing runs and nothing waits.", "dim")
        return
    ids = [job["id"] for job in rows]
    at = ids.index(state.selected) if state.selected in ids else 0
    state.first = max(0, min(state.first, at, len(ids) - state.room), at - state.room + 1)
    for job in rows[state.first : state.first + state.room]:
        yield _job(job, job["id"] == state.selected, width)


def _job(job: Json, marked: bool, width: int) -> Line:
    status = "lost" if job["lost"] else str(job["status"])
    lane = job["queue"].rpartition(":")[2]
    elapsed = age(job["elapsed_s"]) if job["elapsed_s"] is not None else ""
    label = max(width - 52, 16)
    text = f"{_fit(status, 10)}{_fit(job['label'], label - 1)} {_fit(lane, 11)} {elapsed:>11}  {job['id']}"
    colour = "red" if status in ("failed", "lost", "stopped") else "green" if status == "started" else None
    return Line(text, colour, marked=marked)


def _last(state: State) -> Line:
    if state.prompt is not None:
        return Line(f"{state.prompt.question} {state.prompt.text}", bold=True)
    if state.message:
        return Line(state.message, "yellow")
    keys = "Esc back   j k scroll" if state.view != "bench" else "/ search   j k move   Enter open"
    acts = "" if state.read_only else "   r retry   c cancel   s stop"
    return Line(f"{keys}{acts}   ? help   q end", "dim")


def _apart(left: str, right: str, width: int) -> str:
    return f"{_fit(left, max(width - len(right) - 1, 1))} {right}"


def _cut(line: Line, width: int) -> Line:
    return Line(cut(clean(line.text), width), line.colour, line.bold, line.marked)


def _fit(text: str, width: int) -> str:
    """Exactly so wide."""
    short = cut(clean(text), width)
    return short + " " * (width - columns(short))


def cut(text: str, width: int) -> str:
    if columns(text) <= width:
        return text
    kept = ""
    for char in text:
        if columns(kept + char) > width - 1:
            break
        kept += char
    return kept + "…"


def columns(text: str) -> int:
    """What it takes on a terminal: signs of East Asia take two, accents none."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
