"""Proof before alarm: a finding that may be a race counts only when a later look finds it again.

The first sight may have been another process's: sweeps tell each other (`memory`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from ..models.warnings import Warning
from ..schedule import limits as schedule_limits
from . import limits


class Proof:
    """Remembers when each finding was first seen. One per process; not thread-safe."""

    def __init__(self) -> None:
        #: By `Warning.proof_key`, of the last look's findings that need proof.
        self.first_seen: Mapping[str, datetime] = {}
        self._looked_at: datetime | None = None
        self.open_questions = False

    def confirmed(self, findings: Iterable[Warning], now: datetime, reported: Mapping[str, datetime]) -> list[Warning]:
        """Findings that need no proof, or that were also there at least `limits.PROOF_S` ago and ever since.

        `reported`: what others saw first, and when. Afterwards `open_questions` says whether a second look could
        confirm something.
        """
        if self._looked_at and now - self._looked_at > timedelta(seconds=schedule_limits.PROOF_FORGET_S):
            self.first_seen = {}
        findings, proof = list(findings), timedelta(seconds=limits.PROOF_S)
        seen: dict[str, datetime] = {}
        for key in (finding.proof_key for finding in findings if finding.needs_proof):
            # What was seen in the future was seen before the server's clock was set back.
            sights = (at for at in (self.first_seen.get(key), reported.get(key)) if at and at <= now)
            seen[key] = min(sights, default=now)
        self.open_questions = any(now - at < proof for at in seen.values())
        self.first_seen, self._looked_at = seen, now
        return [each for each in findings if not each.needs_proof or now - seen[each.proof_key] >= proof]
