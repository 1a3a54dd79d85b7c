"""What is known of a warning that somebody silenced: see `silences`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SEVERITIES = ("critical", "warning", "info")


@dataclass(frozen=True, slots=True)
class Silence:
    #: The warning's id, and for which site's page; None: for all.
    warning: str
    site: str | None
    state: str  # acknowledged | snoozed | muted
    by: str
    at: datetime
    until: datetime
    #: As the warning was then: a worse one asks again.
    severity: str
    weight: int
    reason: str
    #: When a sweep last saw that warning.
    seen_at: datetime
