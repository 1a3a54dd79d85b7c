"""The query language: `method:sync_* user:mia status:failed age:>1h arg.invoice:SINV-1 "as it stands"`. Pure.

Any text gives either a query or a `Mistake` that says where: nothing else. The language is in docs/query.md.

    query = term*                       all of them must hold
    term  = ["-"] [field ":"] values    "-": must not hold
    values = value ("," value)*         one of them
    value = word | '"' anything '"'     \\" and \\\\ inside of quotes
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from difflib import get_close_matches

from ..errors import BadRequest
from ..messages import _, joined
from ..models.jobs import Job
from . import limits
from .query import ASKED, Query
from .redact import Redaction
from .terms import ARGUMENT, COUNTS, MEASURES, NAMES, OTHERS, Bound, Term

#: In the order in which they are offered, each with what it says.
FIELDS: dict[str, str] = {
    "method": _("Method or label: a part of it, or with * and ?"),
    "status": _("State: {states}").format(states=", ".join(ASKED)),
    "queue": _("Lane, by its name or its label"),
    "user": _("User, or a part of it"),
    "site": _("Site"),
    "age": _("Since it was enqueued: >1h, <30s"),
    "ran": _("How long it runs, or ran: >5m"),
    "ended": _("Since its end: <1d"),
    "due": _("Until it is due: <1h"),
    "arg.": _("An argument: arg.invoice:SINV-1, arg.filters.company:Acme"),
    "error": _("Exception or message: a part of it, or with * and ?"),
    "group": _("Failures with one cause: the key of their group"),
    "worker": _("Worker that runs or ran it: a part of its name"),
    "attempt": _("Which attempt it is: >1"),
    "id": _("Id: a part of it, or with * and ?"),
    "text": _("Anywhere: id, method, user, arguments"),
}
_SECONDS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_FIELD = re.compile(r"-?([A-Za-z]+|arg\.[^\s:\"]+):(?!:|//)", re.IGNORECASE)
_BOUND = re.compile(r"(<=|>=|<|>|=)?\s*(\d+(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE)


class Mistake(BadRequest):
    """What is wrong with a query, and where (characters from 0)."""

    def __init__(self, message: str, position: int) -> None:
        text = _("{message} (at character {position} of the query)")
        super().__init__(text.format(message=message, position=position + 1))
        self.plain = message
        self.position = position


@dataclass(frozen=True, slots=True)
class Piece:
    """One term as it was written: `field` "" for a word alone; `quoted`: one of its values was."""

    field: str
    values: tuple[tuple[str, int], ...]
    negated: bool
    start: int
    end: int
    quoted: bool = False


#: What hides of a job what nobody is to see.
Redact = Callable[[Job], Redaction]


def read(written: str | None, at: datetime | None = None, redact: Redact | None = None, **fields: str | None) -> Query:
    """The query that somebody wrote; `fields` are asked for besides. Raises Mistake."""
    terms = tuple(_term(piece) for piece in pieces(written or ""))
    return Query(terms=terms, at=at or datetime.now(timezone.utc), redact=redact, **fields)


def pieces(text: str) -> list[Piece]:
    """The terms as they are written. Raises Mistake."""
    if len(text) > limits.QUERY_CHARS:
        too_long = _("A query has at most {count:,} characters.").format(count=limits.QUERY_CHARS)
        raise Mistake(too_long, limits.QUERY_CHARS)
    found: list[Piece] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        piece = _piece(text, place)
        found.append(piece)
        place = piece.end
        if len(found) > limits.QUERY_TERMS:
            raise Mistake(_("A query has at most {count} terms.").format(count=limits.QUERY_TERMS), piece.start)
    return found


def _piece(text: str, start: int) -> Piece:
    named = _FIELD.match(text, start)
    if named:
        values, end, quoted = _values(text, named.end())
        return Piece(named[1].lower(), values, text[start] == "-", start, end, quoted)
    # A number may be negative, and a lone dash is a word.
    negated = text[start] == "-" and bool(re.match(r'-["\w]', text[start:])) and not re.match(r"-\d", text[start:])
    values, end, quoted = _values(text, start + negated, alternatives=False)
    return Piece("", values, negated, start, end, quoted)


def _values(text: str, place: int, alternatives: bool = True) -> tuple[tuple[tuple[str, int], ...], int, bool]:
    """(values with their places, where they end, whether one was quoted)."""
    found: list[tuple[str, int]] = []
    quoted, value, start = False, "", place
    while place < len(text) and not text[place].isspace():
        if text[place] == '"' and not value:
            value, place = _quoted(text, place)
            quoted = True
            found.append((value, start))
            value, start = "", place
            if place < len(text) and not text[place].isspace() and not (alternatives and text[place] == ","):
                raise Mistake(_("Leave a space behind a closing quote."), place)
            continue
        if text[place] == "," and alternatives:
            if value:
                found.append((value, start))
            value, start = "", place + 1
        else:
            value += text[place]
        place += 1
    if value:
        found.append((value, start))
    return tuple(found), place, quoted


def _quoted(text: str, start: int) -> tuple[str, int]:
    value, place = "", start + 1
    while place < len(text):
        if text[place] == '"':
            return value, place + 1
        if text[place] == "\\" and text[place + 1 : place + 2] in ('"', "\\"):
            place += 1
        value += text[place]
        place += 1
    raise Mistake(_("This quote is not closed."), start)


def _term(piece: Piece) -> Term:
    field = piece.field or "text"
    if field not in (*NAMES, *MEASURES, *OTHERS) and not field.startswith(ARGUMENT):
        near = get_close_matches(field, FIELDS, 1)
        hint = _("Do you mean {field!r}?").format(field=near[0]) if near else _("In quotes it is looked for as text.")
        unknown = _("There is no field {field!r}.").format(field=field)
        raise Mistake(joined((unknown, hint)), piece.start + piece.negated)
    values = tuple(value for value, _place in piece.values if value)
    if not values:
        behind = _("Say what is looked for behind {field}:.").format(field=field)
        raise Mistake(behind if piece.field else _("Say what is looked for."), piece.start)
    if field in MEASURES:
        bounds = tuple(_bound(field, value, place) for value, place in piece.values if value)
        return Term(field, values, bounds, piece.negated, piece.start)
    if field == "status":
        _check_states(piece)
        values = tuple(value.lower() for value in values)
    return Term(field, values, (), piece.negated, piece.start)


def _check_states(piece: Piece) -> None:
    for value, place in piece.values:
        if value and value.lower() not in ASKED:
            text = _("There is no state {status!r}; the states are {known}.")
            raise Mistake(text.format(status=value, known=", ".join(ASKED)), place)


def _bound(field: str, value: str, place: int) -> Bound:
    found = _BOUND.fullmatch(value.strip())
    if field in COUNTS:
        if not found or found[3]:
            raise Mistake(_("Write {field} as a number: {field}:>1.").format(field=field), place)
        return Bound(found[1] or "=", float(found[2]))
    if not found or found[3].lower() not in _SECONDS:
        text = _("Write {field} as a time: {field}:>1h, with s, m, h, d or w.")
        raise Mistake(text.format(field=field), place)
    if found[1] in (None, "="):
        text = _("Say whether longer or shorter: {field}:>{value} or {field}:<{value}.")
        raise Mistake(text.format(field=field, value=value.lstrip("=")), place)
    return Bound(found[1], float(found[2]) * _SECONDS[found[3].lower()])
