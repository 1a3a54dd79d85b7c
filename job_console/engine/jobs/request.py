"""What is asked of an action, by whom, and why."""

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
    #: The run that is meant, by when it started: the runs of a schedule all have one id.
    started_at: datetime | None = None
