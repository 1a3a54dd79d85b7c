"""Makes arguments fit to be shown: secrets out, long values cut, everything plain JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from . import limits
from .payload import Placeholder

HIDDEN = "••••••"
#: Argument names whose value is never shown, wherever in the name they stand.
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
_SECRET_TEXT = re.compile(
    r"(?i)(\b(?:password|passwd|pwd|secret|token|api[_-]?key|authorization)\b\"?'?\s*[=:]\s*)"
    r"(?:(?:bearer|basic|token)\s+)?(\"[^\"]*\"|'[^']*'|[^\s,;&)}\]]+)"
)
_URL_PASSWORD = re.compile(r"(\w+://[^:@/\s]*):[^@/\s]+@")


class Redaction:
    """Decides what is a secret. `extra` are more names, from settings or a policy."""

    def __init__(self, extra: Iterable[str] = ()) -> None:
        more = tuple(name.strip().lower() for name in extra if name.strip())
        self.names = SECRET_NAMES + more

    def is_secret(self, name: str) -> bool:
        plain = name.lower().replace("-", "_")
        words = set(plain.split("_"))
        return any(secret in words if secret in _WHOLE else secret in plain for secret in self.names)

    def arguments(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """JSON-ready copy of a call's arguments: at most `limits.VALUES` values in all."""
        return _Copy(self).mapping(arguments, 0)

    def text(self, text: str, most: int = limits.TEXT_CHARS) -> str:
        """Free text (an error's message, a traceback) with what looks like a secret hidden, cut at `most`."""
        plain = _SECRET_TEXT.sub(lambda found: found.group(1) + HIDDEN, text)
        plain = _URL_PASSWORD.sub(lambda found: f"{found.group(1)}:{HIDDEN}@", plain)
        return plain if len(plain) <= most else f"{plain[:most]}… ({len(plain):,} characters)"


class _Copy:
    """One walk through one job's arguments, with the count of values that it may still show."""

    def __init__(self, redaction: Redaction) -> None:
        self.redaction = redaction
        self.left = limits.VALUES

    def mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        if depth >= limits.DEPTH:
            return {"…": f"{len(value)} more"}
        shown: dict[str, Any] = {}
        for key, item in value.items():
            if len(shown) == limits.ITEMS or self.left < 0:
                shown["…"] = f"{len(value) - len(shown):,} more"
                break
            name = str(key)[: limits.TEXT_CHARS]
            shown[name] = (
                HIDDEN if self.redaction.is_secret(name) and item not in (None, "") else self.value(item, depth + 1)
            )
        return shown

    def items(self, value: Any, depth: int) -> Any:
        if depth >= limits.DEPTH:
            return f"… {len(value)} items"
        shown: list[Any] = []
        for item in value:
            if len(shown) == limits.ITEMS or self.left < 0:
                shown.append(f"… {len(value) - len(shown):,} more")
                break
            shown.append(self.value(item, depth + 1))
        return shown

    def value(self, value: Any, depth: int) -> Any:
        self.left -= 1
        if self.left < 0:
            return "…"
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            # JSON readers lose digits beyond 2**53; a page shows such a number as text.
            return value if abs(value) <= 2**53 else self._cut_number(value)
        if isinstance(value, float):
            return value if value == value and abs(value) != float("inf") else str(value)
        if isinstance(value, str):
            return self.redaction.text(value)
        if isinstance(value, (bytes, bytearray)):
            return f"<{len(value):,} bytes>"
        if isinstance(value, Mapping):
            return self.mapping(value, depth)
        if isinstance(value, (list, tuple, set, frozenset)):
            return self.items(value, depth)
        if isinstance(value, (datetime, date, time)):
            return value.isoformat()
        if isinstance(value, (timedelta, Decimal, UUID, complex)):
            return str(value)[: limits.TEXT_CHARS]
        if isinstance(value, Placeholder):
            contents = value.contents()
            return {f"<{value.name}>": self.mapping(contents, depth + 1)} if contents else f"<{value.name}>"
        if isinstance(value, type) and issubclass(value, Placeholder):
            return f"<{value.name}>"
        return f"<{type(value).__name__}>"

    @staticmethod
    def _cut_number(value: int) -> str:
        # Python refuses to print integers of more than 4,300 digits.
        return str(value) if value.bit_length() < 2_000 else f"<integer of {value.bit_length():,} bits>"
