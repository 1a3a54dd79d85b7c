"""The calls about one warning, as the HTTP server takes them: their arguments checked, then the engine's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from job_console.engine.errors import BadRequest
from job_console.engine.service import Console

#: Call → what it takes.
CALLS: Mapping[str, frozenset[str]] = {
    "remedy": frozenset(("warning", "action", "reason")),
    "silence_warning": frozenset(("warning", "how", "seconds", "reason")),
}


def answer(console: Console, name: str, call: Mapping[str, Any]) -> dict[str, Any]:
    seconds = call.get("seconds")
    texts = {key: value for key, value in call.items() if key != "seconds"}
    if not call.get("warning") or not all(isinstance(value, str) for value in texts.values()):
        raise BadRequest(f"{', '.join(sorted(CALLS[name] - {'seconds'}))} must be texts, and a warning be named.")
    if seconds is not None and (not isinstance(seconds, (int, float)) or isinstance(seconds, bool)):
        raise BadRequest("seconds must be a number.")
    if name == "remedy":
        return console.remedy(texts["warning"], texts.get("action", ""), texts.get("reason", ""))
    return console.silence_warning(texts["warning"], texts.get("how", "acknowledge"), seconds, texts.get("reason", ""))
