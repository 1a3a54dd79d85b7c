"""A request for an action: what, by whom, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Request:
    action: str
    actor: str
    reason: str = ""
    to: str | None = None
    queue: str | None = None
    #: When the meant run started, as all runs of a schedule have the same job id.
    started_at: datetime | None = None
