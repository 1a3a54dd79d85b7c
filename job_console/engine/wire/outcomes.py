"""What became of actions, and the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from ..diagnosis.mend import RELEASE, Step
from ..models.outcomes import AuditEntry, Outcome
from ..models.sweeps import Surveyed
from ..models.warnings import Warning
from .bench import surveyed_json
from .values import Json, time
from .view import View
from .warnings import warning_json


def outcomes_json(results: Iterable[Outcome]) -> Json:
    return {"results": [asdict(result) for result in results]}


def audit_json(total: int, entries: Iterable[AuditEntry]) -> Json:
    return {"total": total, "entries": [{**asdict(entry), "at": time(entry.at)} for entry in entries]}


def mended_json(
    view: View, done: Iterable[tuple[Step, Outcome]], left: Iterable[Warning], dry_run: bool, surveyed: Surveyed
) -> Json:
    """`surveyed`: of how much it could be known whether it needs mending."""
    results = [
        {
            "code": step.warning.code,
            "job_id": step.warning.job_id,
            "queue": step.warning.queue,
            "lock": step.warning.about if step.remedy.action == RELEASE else None,
            "action": step.remedy.action,
            "label": step.remedy.label,
            "ok": outcome.ok,
            "state_before": outcome.state_before,
            "state_after": outcome.state_after,
            "reason": outcome.reason,
        }
        for step, outcome in done
    ]
    return {
        "dry_run": dry_run,
        "results": results,
        "left": [warning_json(view, warning) for warning in left],
        "surveyed": surveyed_json(surveyed, view.now),
    }
