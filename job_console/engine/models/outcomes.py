"""What actions did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action did to one job, after looking again."""

    job_id: str
    ok: bool
    state_before: str
    state_after: str
    reason: str = ""
    new_job_id: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    actor: str
    action: str
    job_id: str
    ok: bool
    state_before: str
    state_after: str
    reason: str = ""
    queue: str | None = None
    site: str | None = None
    #: The new job's id, or the target queue.
    detail: str = ""
    #: What the job runs, where it was done to one.
    method: str = ""
    #: When Redis recorded it; None until then.
    at: datetime | None = None
