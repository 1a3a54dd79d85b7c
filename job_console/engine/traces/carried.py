"""What of a trace travels with a job, in RQ's `meta`: W3C headers of the span that made it, and of its latest run.

    {"job_console_trace": {"made": {"traceparent": "00-…"}, "run": {"traceparent": "00-…"}}}

Frappe does not use `meta`; what an application has put there stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

META = "job_console_trace"
MADE, RUN = "made", "run"


def of(meta: Any, what: str) -> dict[str, str]:
    """The headers; {} where there are none. `meta` may hold anything."""
    note = meta.get(META) if isinstance(meta, Mapping) else None
    headers = note.get(what) if isinstance(note, Mapping) else None
    if not isinstance(headers, Mapping):
        return {}
    return {name: value for name, value in headers.items() if isinstance(name, str) and isinstance(value, str)}


def noted(meta: Mapping[str, Any] | None, what: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """The `meta` with these headers; as it was without."""
    meta = dict(meta or {})
    if headers:
        note = meta.get(META)
        meta[META] = {**(note if isinstance(note, Mapping) else {}), what: dict(headers)}
    return meta
