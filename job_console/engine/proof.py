"""Proof before alarm: a finding that may be a race counts only when a later look finds it again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from . import limits
from .models import Warning


class Proof:
    """Remembers when each finding was first seen. One per process; not thread-safe."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str | None, str | None, str | None], tuple[datetime, datetime]] = {}

    def confirmed(self, findings: Iterable[Warning], now: datetime) -> list[Warning]:
        """Findings that need no proof, or that were also there at least `limits.PROOF_S` ago and ever since."""
        findings = list(findings)
        current = {}
        kept = []
        for finding in findings:
            first, _last = self._seen.get(finding.subject, (now, now))
            current[finding.subject] = (first, now)
            if not finding.needs_proof or now - first >= timedelta(seconds=limits.PROOF_S):
                kept.append(finding)
        self._seen = current
        return kept

    @property
    def open_questions(self) -> bool:
        """Whether a second look could confirm something."""
        return bool(self._seen)
