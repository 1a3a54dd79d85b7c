"""What JSON is written for: a moment and a viewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..jobs import actions, operations
from ..jobs.redact import Redaction
from ..look.silences import Silenced
from ..models.bench import Usual
from ..models.jobs import Job
from ..models.policy_match import Policies
from ..models.silences import Silence
from ..models.warnings import Remedy, Warning


@dataclass(frozen=True, slots=True)
class View:
    """One moment (`now` makes ages), one redaction, and what the engine knows of jobs and warnings then."""

    now: datetime
    redaction: Redaction
    #: Offers no action and no remedy.
    read_only: bool = False
    #: May pause and stop lanes, workers, methods and the bench.
    may_operate: bool = True
    #: How long runs of a method usually take.
    usual: Mapping[str, Usual] = field(default_factory=dict)
    policies: Policies = field(default_factory=Policies)
    silences: Silenced | None = None
    #: Job id → the warning that its worker or its place is lost.
    lost: Mapping[str, Warning] = field(default_factory=dict)

    def redaction_for(self, job: Job) -> Redaction:
        """Also hides what the job's policy calls sensitive."""
        policy = self.policies.of(job)
        return self.redaction.hiding(policy.sensitive) if policy and policy.sensitive else self.redaction

    def offered(self, remedies: Iterable[Remedy]) -> list[Remedy]:
        """Those that this viewer may do."""
        if self.read_only:
            return []
        return [remedy for remedy in remedies if self.may_operate or not _operates(remedy.action)]

    def silenced(self, warning: Warning) -> Silence | None:
        return self.silences.of(warning) if self.silences else None


def _operates(action: str) -> bool:
    return action in operations.OPERATIONS or action in actions.BENCH_WIDE
