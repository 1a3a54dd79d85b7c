"""Sentences with parameters: English to everybody, and any language where a host writes them for a reader.

    _("{job} has waited {duration}").format(job=name(job), duration=duration(90))     # in wording.py
    "shop.sync has waited 90 s"                                                       # == to str: JSON, logs, console

A `Message` is a `str`, the English sentence, that still knows its template and its parameters. Looks are shared by all
viewers of a process, so nothing is translated before the edge: `spoken` writes a whole answer for one `Reader`.
Parameters may be messages themselves, numbers and `Instant`s: all are put into the reader's words there.

`_` is the name that Frappe's extractors look for: its argument is a literal, without blanks at its ends. One sentence
is one template: no word of it depends on a parameter, but for whole phrases that stand by themselves (`3 jobs`).
What is stored (an incident, a note in Redis) is stored with `pack`, and is a message again after `unpack`; a whole
answer with `dumps` and `loads`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from string import Formatter
from typing import Any, cast

_IN_ENGLISH = {"time": "%H:%M", "time_seconds": "%H:%M:%S", "date_time": "%d %b %H:%M", "full": "%Y-%m-%d %H:%M:%S"}
#: What marks a packed message in JSON.
_TEMPLATE, _PARAMETERS, _INSTANT, _SHAPE = "template", "parameters", "instant", "shape"


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment as a parameter. Each reader sees it in a zone of theirs; without a reader it is UTC."""

    at: datetime
    #: `time`, `time_seconds` (where it is today), `date_time`, or `full`: with year and seconds.
    shape: str = "date_time"

    def __str__(self) -> str:
        return f"{self.at.astimezone(timezone.utc):{_IN_ENGLISH[self.shape]}} UTC"

    def __format__(self, spec: str) -> str:
        return str(self)


class Message(str):
    """Equal to its English text in everything. Made by `_`, and by its own `format`."""

    __slots__ = ("parameters", "template")
    template: str
    parameters: Mapping[str, object]

    def __new__(cls, text: str, template: str, parameters: Mapping[str, object]) -> Message:
        made = super().__new__(cls, text)
        made.template, made.parameters = template, parameters
        return made

    def __str__(self) -> Message:
        """Itself, so that what an error says (`str(error)`) is still a message."""
        return self

    def __getnewargs__(self) -> tuple[str, str, Mapping[str, object]]:  # type: ignore[override]
        return self[:], self.template, self.parameters

    def format(self, *_args: object, **parameters: object) -> Message:
        return Message(_filled(self.template, parameters).format(**parameters), self.template, parameters)

    def mapped(self, change: Callable[[str], str]) -> Message:
        """The same with another text in each parameter."""
        return _(self.template).format(**{key: _mapped(value, change) for key, value in self.parameters.items()})


def _filled(template: str, parameters: Mapping[str, object]) -> str:
    """Without the phrases that are left out: an empty parameter goes, and the blank before it."""
    for key, value in parameters.items():
        if value == "":
            template = template.replace(f" {{{key}}}", "").replace(f"{{{key}}}", "")
    return template


def _(template: str) -> Message:
    """Marks a literal for the translators. It is English until it is spoken."""
    return Message(template, template, {})


def _mapped(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, Message):
        return value.mapped(change)
    return change(value) if isinstance(value, str) else value


def joined(parts: Sequence[str], by: str = " ") -> Message:
    """Whole sentences, or items of a list, one after the other; empty ones are left out."""
    kept = [part for part in parts if part]
    names = [f"part{number}" for number in range(len(kept))]
    return _(by.join(f"{{{name}}}" for name in names)).format(**dict(zip(names, kept, strict=True)))


def listed(items: Sequence[str]) -> Message:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return joined(items)
    return _("{items} and {last}").format(items=joined(items[:-1], ", "), last=items[-1])


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: how a template, a number with its format, and an instant are written for them."""

    template: Callable[[str], str]
    number: Callable[[int | float, str], str]
    instant: Callable[[Instant], str]


def spoken(value: Any, reader: Reader) -> Any:
    """`value` (JSON to be) with every message in it in the reader's words. What it was made of stays as it is."""
    kind = type(value)
    if kind is Message:
        return _spoken(value, reader)
    if kind is dict:
        return {key: spoken(each, reader) for key, each in value.items()}
    if kind is list or kind is tuple:
        return [spoken(each, reader) for each in value]
    return value


def _spoken(message: Message, reader: Reader) -> str:
    template = message.template
    if any(letter.isalpha() for letter in _literal(template)):
        template = reader.template(template)
    if not message.parameters:
        return template
    parameters = {key: _Spoken(value, reader) for key, value in message.parameters.items()}
    try:
        return _filled(template, message.parameters).format(**parameters)
    except (LookupError, ValueError):  # a translation with a parameter that there is not
        return _filled(message.template, message.parameters).format(**parameters)


def _literal(template: str) -> str:
    return "".join(text for text, *_field in Formatter().parse(template))


class _Spoken:
    """A parameter that writes itself for the reader, whatever the template asks of its format."""

    __slots__ = ("_reader", "_value")

    def __init__(self, value: object, reader: Reader) -> None:
        self._value, self._reader = value, reader

    def __format__(self, spec: str) -> str:
        value, reader = self._value, self._reader
        if isinstance(value, Message):
            return _spoken(value, reader)
        if isinstance(value, Instant):
            return reader.instant(value)
        if isinstance(value, (int, float)) and spec:
            return reader.number(value, spec)
        return format(value, spec)

    def __repr__(self) -> str:
        return repr(self._value)

    def __str__(self) -> str:
        return format(self, "")


def pack(text: str) -> Any:
    """For JSON that is stored and spoken later. Plain text packs as itself."""
    if not isinstance(text, Message):
        return text
    return {_TEMPLATE: text.template, _PARAMETERS: {key: _packed(value) for key, value in text.parameters.items()}}


def _packed(value: object) -> Any:
    if isinstance(value, Instant):
        return {_INSTANT: value.at.timestamp(), _SHAPE: value.shape}
    return pack(value) if isinstance(value, str) else value


def dumps(answer: Any) -> str:
    """JSON that `loads` reads: the answer in English, and beside it, where in it the messages are."""
    return json.dumps([answer, [(path, pack(message)) for path, message in _within(answer, ())]])


def loads(stored: str | bytes) -> Any:
    """With its messages, to be spoken to any reader."""
    answer, found = json.loads(stored)
    for (*way, last), packed in found:
        place = answer
        for step in way:
            place = place[step]
        place[last] = unpack(packed)
    return answer


def _within(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Message]]:
    kind = type(value)
    if kind is Message:
        yield path, value
    elif kind is dict or kind is list or kind is tuple:
        for step, each in value.items() if kind is dict else enumerate(value):
            yield from _within(each, (*path, step))


def unpack(packed: Any) -> str:
    """What `pack` made of it. Raises ValueError for what it did not make."""
    return cast(str, _unpacked(packed)) if isinstance(packed, (str, dict)) else str(packed)


def _unpacked(packed: Any) -> object:
    if not isinstance(packed, dict):
        return packed
    try:
        if _INSTANT in packed:
            return Instant(datetime.fromtimestamp(packed[_INSTANT], timezone.utc), packed[_SHAPE])
        parameters = {key: _unpacked(value) for key, value in packed[_PARAMETERS].items()}
        return _(packed[_TEMPLATE]).format(**parameters)
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"no packed message: {error}") from error
