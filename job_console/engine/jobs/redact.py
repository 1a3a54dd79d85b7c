"""Redacts arguments for display: hides secrets, cuts long values, and makes everything plain JSON."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from ..messages import Message
from ..models.jobs import Call
from ..rq import limits as rq_limits
from ..rq.payload import Placeholder, clean
from . import limits

HIDDEN = "••••••"
#: Parts of argument names; the value of such an argument is never shown.
SECRET_NAMES = (
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "authorization",
    "auth_header",
    "credential",
    "private_key",
    "access_key",
    "session_id",
    "sid",
    "cookie",
    "otp",
    "cvv",
    "card_number",
)
#: Short names that would hide innocent words (`side`, `adopt`) are matched whole.
_WHOLE = {"sid", "otp", "pwd", "cvv"}
_URL_PASSWORD = re.compile(r"([a-z][a-z0-9+.-]{0,20}://[^:@/\s]*):[^@/\s]+@", re.IGNORECASE)
#: Text is cut before it is searched, to so many characters more than are shown, so that a secret at the end is found.
_MARGIN = 2_000


def _secrets_in_name(names: Iterable[str]) -> re.Pattern[str]:
    """Looked for in each argument's name: one pattern is five times as fast as one name after the other."""
    words = (re.escape(name) for name in names)
    return re.compile("|".join(rf"(?<![^_]){word}(?![^_])" if word in _WHOLE else word for word in words))


def _secrets_in_text(names: Iterable[str]) -> re.Pattern[str]:
    """`NAME = value`, `"NAME": "value"`, `db_NAME=value`, `NAME: Bearer value`."""
    words = "|".join(re.escape(name).replace("_", "[_-]?") for name in names)
    return re.compile(
        rf"((?<![a-z0-9])(?:{words})s?(?![a-z0-9])\\?[\"']?\s*[=:]\s*)"
        r"(?:(?:bearer|basic|token)\s+)?(\"[^\"]*\"|'[^']*'|[^\s,;&)}\]]+)",
        re.IGNORECASE,
    )


class Redaction:
    """Decides what is a secret. `extra` are more names, looked for in names; `exact` are whole ones."""

    def __init__(self, extra: Iterable[str] = (), exact: Iterable[str] = ()) -> None:
        more = tuple(name.strip().lower() for name in extra if name.strip())
        self._exact = frozenset(name.lower() for name in exact)
        #: The same one for jobs whose policy hides these arguments too.
        self.hiding = lru_cache(limits.HIDING_CACHE)(lambda names: Redaction(more, (*self._exact, *names)))
        self.names = SECRET_NAMES + more
        self._shown: OrderedDict[int, tuple[Call, dict[str, Any]]] = OrderedDict()
        self._in_name = _secrets_in_name(self.names)
        self._in_text = _secrets_in_text((*self.names, *self._exact))
        #: Argument names are few: what each is shown as, and whether it is a secret's.
        self.name = lru_cache(limits.NAMES_CACHE)(self._name)

    def is_secret(self, name: str) -> bool:
        name = name.lower()
        return name in self._exact or self._in_name.search(name.replace("-", "_")) is not None

    def _name(self, name: str) -> tuple[str, bool]:
        shown = clean(name)
        return shown, self.is_secret(shown)

    def arguments(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """JSON-ready copy of arguments or evidence: at most `limits.VALUES` values in all."""
        return _Copy(self).mapping(arguments, 0)

    def of_call(self, call: Call) -> dict[str, Any]:
        """As `arguments`, remembered: a page that looks every second gets the same copy. Not to be changed."""
        known = self._shown.get(id(call))
        if known is not None:
            return known[1]
        shown = self.arguments(call.arguments)
        # Kept with the call itself, so that its identity is not given to another one meanwhile.
        self._shown[id(call)] = (call, shown)
        while len(self._shown) > limits.SHOWN_CACHE:
            with suppress(KeyError):  # another thread was quicker
                self._shown.popitem(last=False)
        return shown

    def text(self, text: str, most: int = rq_limits.TEXT_CHARS) -> str:
        """Free text (an error's message, a traceback) with what looks like a secret hidden, cut at `most`.

        A message stays one, unless it is cut, or what is hidden begins in one part of it and ends in another.
        """
        if isinstance(text, Message):
            shown = text.mapped(lambda part: self.text(part, most))
            return shown if self._plain(shown[:], most) == shown else self._plain(text[:], most)
        return self._plain(text, most)

    def _plain(self, text: str, most: int) -> str:
        if len(text) <= most and "=" not in text and ":" not in text and text.isascii():
            return text
        plain = clean(text, most + _MARGIN)
        if "=" in plain or ":" in plain:  # most texts name nothing, and are not searched
            plain = self._in_text.sub(lambda found: found.group(1) + HIDDEN, plain)
            plain = _URL_PASSWORD.sub(lambda found: f"{found.group(1)}:{HIDDEN}@", plain)
        return plain if max(len(plain), len(text)) <= most else f"{plain[:most]}… ({len(text):,} characters)"


class _Copy:
    """One walk through one job's arguments, with the count of values that it may still show."""

    def __init__(self, redaction: Redaction) -> None:
        self.redaction = redaction
        self.left = rq_limits.VALUES

    def mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        if depth >= limits.DEPTH:
            return {"…": f"{len(value)} more"}
        shown: dict[str, Any] = {}
        for key, item in value.items():
            if len(shown) == rq_limits.ITEMS or self.left < 0:
                shown["…"] = f"{len(value) - len(shown):,} more"
                break
            name, secret = self.redaction.name(key[: rq_limits.TEXT_CHARS] if isinstance(key, str) else self.name(key))
            shown[name] = HIDDEN if secret and item not in (None, "") else self.value(item, depth + 1)
        return shown

    def name(self, key: Any) -> str:
        """A key that is no text, as text. It is made plain first: it may be huge, or hold itself a thousand times."""
        if isinstance(key, bytes):
            return clean(key[: rq_limits.TEXT_CHARS].decode("utf-8", "replace"))
        return str(self.items(key, limits.DEPTH - 1) if isinstance(key, tuple) else self.value(key, limits.DEPTH))

    def items(self, value: Any, depth: int) -> Any:
        if depth >= limits.DEPTH:
            return f"… {len(value)} items"
        shown: list[Any] = []
        for item in value:
            if len(shown) == rq_limits.ITEMS or self.left < 0:
                shown.append(f"… {len(value) - len(shown):,} more")
                break
            shown.append(self.value(item, depth + 1))
        return shown

    def value(self, value: Any, depth: int) -> Any:
        self.left -= 1
        if self.left < 0:
            return "…"
        if isinstance(value, str):
            return self.redaction.text(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            # JSON readers lose digits beyond 2**53; a page shows such a number as text.
            return value if abs(value) <= 2**53 else self._cut_number(value)
        if isinstance(value, float):
            return value if value == value and abs(value) != float("inf") else str(value)
        if isinstance(value, (bytes, bytearray)):
            return f"<{len(value):,} bytes>"
        if isinstance(value, Mapping):
            return self.mapping(value, depth)
        if isinstance(value, (list, tuple, set, frozenset)):
            return self.items(value, depth)
        if isinstance(value, (datetime, date, time)):
            return value.isoformat()
        if isinstance(value, (timedelta, Decimal, UUID, complex)):
            return _as_text(value)
        if isinstance(value, Placeholder):
            name, contents = clean(f"<{value.name}>"), value.contents()
            return {name: self.mapping(contents, depth + 1)} if contents else name
        if isinstance(value, type) and issubclass(value, Placeholder):
            return clean(f"<{value.name}>")
        return f"<{type(value).__name__}>"

    @staticmethod
    def _cut_number(value: int) -> str:
        # Python refuses to print integers of more than 4,300 digits.
        return str(value) if value.bit_length() < 2_000 else f"<integer of {value.bit_length():,} bits>"


def _as_text(value: Any) -> str:
    try:
        return str(value)[: rq_limits.TEXT_CHARS]
    except (AttributeError, TypeError, ValueError):
        return f"<{type(value).__name__}>"  # a pickle can make a UUID without its number
