"""Why a job is where it is."""

from __future__ import annotations

from ..diagnosis.explain import Case, Explanation
from .values import Json, seconds
from .view import View
from .warnings import remedy_json


def explanation_json(view: View, case: Case, explanation: Explanation) -> Json:
    redaction = view.redaction_for(case.job)
    details: list[Json] = [
        {
            "text": redaction.text(reason.text),
            "brief": redaction.text(reason.brief or reason.text),
            "evidence": redaction.arguments(reason.evidence),
            "remedies": [remedy_json(remedy) for remedy in view.offered(reason.remedies)],
            "job_id": reason.job_id or case.job.id,
        }
        for reason in explanation.reasons
    ]
    own = (reason for reason in details if reason["job_id"] == case.job.id)
    offered: dict[str, Json] = {}
    for remedy in (remedy for reason in own for remedy in reason["remedies"]):
        offered.setdefault(remedy["action"], remedy)  # the most immediate cause knows best
    return {
        "job_id": case.job.id,
        "label": case.job.call.label,
        "queue": case.job.queue,
        "state": case.job.status,
        "because": [reason["text"] for reason in details],
        "details": details,
        "position": explanation.position,
        "expected_start_s": seconds(explanation.expected_start_s),
        "remedies": list(offered.values()),
    }
