"""What may stand where the cursor is in a query: fields, and the values that a look has seen. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..messages import Message, _
from ..models.bench import Bench, Lane
from ..models.jobs import Call
from ..scope import Scope
from . import limits, query_text
from .query import ASKED
from .terms import ARGUMENT, COUNTS, MEASURES

_FIELD = re.compile(r"(-?)([A-Za-z]+|arg\.[^\s:\"]+):(?!:|//)(.*)", re.IGNORECASE | re.DOTALL)
_TIMES = (">1m", ">10m", ">1h", ">1d", "<1m", "<10m", "<1h", "<1d")
#: So much of a name must be written before names of everything are offered.
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Offer:
    """`text` takes the place of what is written there; `about` says what it is."""

    text: str
    about: str = ""


def offer(bench: Bench, scope: Scope, text: str, cursor: int, methods: Sequence[str] = ()) -> dict[str, Any]:
    """`from`, `to`: what an offer replaces. `mistake`: what is wrong with the query as it stands, and where.

    `bench`: as this viewer may see it; `methods`: more that are known.
    """
    cursor = min(max(cursor, 0), len(text))
    start = _word_start(text, cursor)
    seen = _Seen(bench, scope, methods)
    base, offers = _offers(text[start:cursor], seen)
    return {
        "from": start + base,
        "to": _word_end(text, cursor),
        "offers": [{"text": each.text, "about": each.about} for each in offers[: limits.OFFERED]],
        "mistake": _mistake(text),
    }


def quoted(value: str) -> str:
    """As it is written in a query."""
    if value and not re.search(r"[\s\",]", value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _mistake(text: str) -> dict[str, Any] | None:
    try:
        query_text.read(text)
    except query_text.Mistake as mistake:
        return {"text": mistake.plain, "position": mistake.position}
    return None


def _word_start(text: str, cursor: int) -> int:
    start, inside = 0, False
    for place, char in enumerate(text[:cursor]):
        if char == '"' and text[place - 1 : place] != "\\":
            inside = not inside
        elif char.isspace() and not inside:
            start = place + 1
    return start


def _word_end(text: str, cursor: int) -> int:
    found = re.search(r"[\s,]", text[cursor:])
    return cursor + found.start() if found else len(text)


def _offers(word: str, seen: _Seen) -> tuple[int, list[Offer]]:
    """(where in the word they begin, offers)."""
    named = _FIELD.fullmatch(word)
    if named is None:
        dash = len(word) - len(word.removeprefix("-"))
        return dash, [*_fields(word[dash:], seen), *_anything(word[dash:], seen)]
    field, values = named[2].lower(), named[3]
    typed = values.rpartition(",")[2]
    return len(word) - len(typed), _values(field, typed.strip('"').lower(), seen)


def _fields(word: str, seen: _Seen) -> list[Offer]:
    if word.lower().startswith(ARGUMENT):
        wanted = word.lower().removeprefix(ARGUMENT)
        return [Offer(f"arg.{name}:", _("argument")) for name in seen.arguments if wanted in name.lower()]
    fitting = [name for name in query_text.FIELDS if name.startswith(word.lower())]
    return [Offer(name if name.endswith(".") else f"{name}:", query_text.FIELDS[name]) for name in fitting]


def _anything(word: str, seen: _Seen) -> list[Offer]:
    """Terms whose values hold what is written."""
    word = word.strip('"').lower()
    if len(word) < _LEAST:
        return []
    return [
        Offer(f"{field}:{each.text}", each.about)
        for field in ("status", "queue", "method", "user", "site")
        for each in _values(field, word, seen)
    ]


def _values(field: str, typed: str, seen: _Seen) -> list[Offer]:
    if field in COUNTS:
        return [Offer(each) for each in (">1", ">2", ">5")]
    if field in MEASURES:
        return [Offer(each) for each in _TIMES if each.startswith(typed)]
    return [each for each in seen.values(field) if typed in each.text.lower() or typed in each.about.lower()]


class _Seen:
    """Names that a look met, those that were met most often first."""

    def __init__(self, bench: Bench, scope: Scope, methods: Sequence[str]) -> None:
        self.bench, self.scope = bench, scope
        self.calls = [call for call in _calls(bench) if scope.site in (None, call.site)]
        self.methods = methods

    @property
    def arguments(self) -> list[str]:
        return _by_count(name for call in self.calls for name in call.arguments if isinstance(name, str))

    def values(self, field: str) -> Iterator[Offer]:
        if field == "status":
            return (Offer(each, _("out of attempts") if each == "dead" else "") for each in ASKED)
        if field == "queue":
            labels = Counter(lane.label for lane in self.bench.lanes)
            return (
                Offer(quoted(lane.label if labels[lane.label] == 1 else lane.name), _waiting(lane))
                for lane in self.bench.lanes
            )
        if field == "worker":
            return (
                Offer(quoted(worker.name), f"{worker.host or '?'} · {worker.pid or '?'}, {worker.state}")
                for worker in self.bench.workers
            )
        named = _NAMED.get(field)
        if named is None:
            return iter(())
        found = _by_count(name for call in self.calls if (name := named(call)))
        more = [name for name in self.methods if name not in found] if field == "method" else []
        return (Offer(quoted(name)) for name in (*found, *more))


_NAMED: dict[str, Callable[[Call], str | None]] = {
    "method": lambda call: call.method if call.kind != "unreadable" else None,
    "user": lambda call: call.user,
    "site": lambda call: call.site,
}


def _calls(bench: Bench) -> Iterator[Call]:
    for lane in bench.lanes:
        for job in (*lane.running, *lane.head, *lane.failures, *lane.parked, *lane.deferred):
            yield job.call
    for sampled in bench.pace.waiting.values():
        yield from (call for _place, call in sampled.calls)


def _waiting(lane: Lane) -> Message:
    return _("{count:,} waiting").format(count=lane.counts.queued)


def _by_count(names: Iterable[str]) -> list[str]:
    return [name for name, _count in Counter(names).most_common()]
