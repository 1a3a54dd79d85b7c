"""Delays as people write them: `30, 2m, 1h`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import BadRequest
from ..messages import _

_UNITS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
_DELAY = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")


def parse(text: str | None) -> tuple[float, ...]:
    """Seconds of each. Raises BadRequest."""
    spelled = [each.strip().lower() for each in re.split(r"[,;\n]+", text or "")]
    return tuple(_seconds(each) for each in spelled if each)


def _seconds(text: str) -> float:
    found = _DELAY.fullmatch(text)
    if found is None or found[2] not in _UNITS:
        raise BadRequest(
            _("{text!r} is no delay. Write them like 30, 2m, 1h: seconds, minutes, hours.").format(text=text)
        )
    return float(found[1]) * _UNITS[found[2]]


def spelled(delays_s: Iterable[float]) -> str:
    return ", ".join(map(_spelled, delays_s))


def _spelled(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}"
