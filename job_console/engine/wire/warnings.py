"""Warnings, who silenced them, and their remedies."""

from __future__ import annotations

from ..models.silences import Silence
from ..models.warnings import Remedy, Warning
from .values import Json, time
from .view import View


def warning_json(view: View, warning: Warning) -> Json:
    return {
        "id": warning.id,
        "code": warning.code,
        "severity": warning.severity,
        "queue": warning.queue,
        "job_id": warning.job_id,
        "worker": warning.worker,
        "site": warning.site,
        "since": time(warning.since),
        "evidence": view.redaction.arguments(warning.evidence),
        "message": view.redaction.text(warning.message),
        "remedies": [remedy_json(remedy) for remedy in view.offered(warning.remedies)],
        **silence_json(view.silenced(warning)),
    }


def silence_json(found: Silence | None) -> Json:
    """Who acknowledged, snoozed or muted a warning, and until when; all None: it asks for somebody."""
    return {
        "silenced": found.state if found else None,
        "acknowledged_by": found.by if found else None,
        "acknowledged_at": time(found.at) if found else None,
        "until": time(found.until) if found else None,
        "silence_reason": found.reason if found else None,
    }


def remedy_json(remedy: Remedy) -> Json:
    return {"action": remedy.action, "label": remedy.label, "explain": remedy.explain, "safe": remedy.safe}
