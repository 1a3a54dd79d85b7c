"""What a detector finds, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

#: Warnings about one job each, of which many may have one cause: see `groups`.
GROUPED = frozenset(
    {
        *("ghost_queued", "ghost_started", "in_limbo", "orphan_id", "worker_lost", "undecodable"),
        *("blocked_dependency", "scheduled_overdue", "duplicated", "overrunning", "past_timeout", "timeout_near"),
    }
)


@dataclass(frozen=True, slots=True)
class Remedy:
    """An action offered for a warning. Unsafe ones may repeat or lose work and need a typed reason."""

    action: str
    label: str
    explain: str
    safe: bool = True
    #: It changes records of the site: only its own desk can do it.
    needs_site: bool = False


@dataclass(frozen=True, slots=True)
class Warning:
    """A detector's finding. `code` is the contract (see the design's table); `message` is for people."""

    code: str
    severity: str  # critical | warning | info
    message: str
    queue: str | None = None
    job_id: str | None = None
    worker: str | None = None
    site: str | None = None
    since: datetime | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()
    #: May be a race: shown only when a second look, `limits.PROOF_S` later, finds it again.
    needs_proof: bool = False
    #: What it is about when that is no job, worker or lane: a method, a lock, a schedule. The job is then an example.
    about: str | None = None
    #: Words of the message and the evidence that belong to one site (ids of its jobs), and to which.
    private: Mapping[str, str] = field(default_factory=dict)
    #: It names what several sites run: whoever sees one site only is not told.
    of_bench: bool = False

    @property
    def subject(self) -> tuple[str | None, ...]:
        """Equal for the same fault at another time, whatever its message and evidence say by then."""
        example = self.about is not None
        job_id, worker = (None, None) if example else (self.job_id, self.worker)
        return (self.code, self.site, self.queue, self.about, job_id, worker)

    @property
    def cause(self) -> tuple[str | None, ...]:
        """Equal for all jobs of one method that meet the same fate in the same lane, and at another time."""
        method = self.evidence.get("method")
        about = self.about or (method if isinstance(method, str) else None) or (None if self.job_id else self.worker)
        return (self.code, self.site, self.queue, about)

    @property
    def id(self) -> str:
        """What it is about as short text, for hosts and machines: one for all that are shown together."""
        return _digest(self.cause if self.code in GROUPED and self.about is None else self.subject)

    @property
    def proof_key(self) -> str:
        """The next run of a job is another subject here: two moments of two runs prove nothing."""
        since = self.since if self.about is None and (self.job_id or self.worker) else None
        return _digest((self.subject, since))


def _digest(value: object) -> str:
    return blake2b(repr(value).encode(), digest_size=8).hexdigest()
