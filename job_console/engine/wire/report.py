"""A week's report as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timezone

from ..history.report import Method, Queue, Report, Total
from ..history.report_advice import Advice
from ..messages import Message, _
from .values import Json, time


def report_json(report: Report, found: list[Advice], site: str | None) -> Json:
    return {
        "site": site,
        "since": _moment(report.since),
        "until": _moment(report.until),
        "notes": _notes(report),
        "total": _beside(report.now, report.before),
        "workers_busy": None if report.busy is None else round(report.busy, 3),
        "failed_most": [_method(each) for each in report.failed_most],
        "grew": [_method(each) for each in report.grew],
        "queues": [_queue(each) for each in report.queues],
        "advice": [asdict(each) for each in found],
    }


def _notes(report: Report) -> list[Message]:
    notes = []
    if not report.days:
        notes.append(_("Nothing was counted in this week."))
    elif report.days < 7:
        notes.append(_("Runs were counted on {days} of these 7 days.").format(days=report.days))
    if not report.days_before:
        notes.append(_("Of the week before nothing is known, so nothing is compared with it."))
    elif report.days_before < 7:
        notes.append(_("In the week before runs were counted on {days} of 7 days.").format(days=report.days_before))
    return notes


def _method(method: Method) -> Json:
    return {"method": method.name, **_beside(method.now, method.before)}


def _beside(now: Total, before: Total) -> Json:
    return {"now": _total(now), "before": _total(before)}


def _total(total: Total) -> Json:
    return {**asdict(total), "worker_s": round(total.worker_s, 3)}


def _queue(queue: Queue) -> Json:
    return {
        "name": queue.name,
        "label": queue.name.rpartition(":")[2],
        "now": _total(queue.now),
        "wait_s": _seconds(queue.wait),
        "wait_before_s": _seconds(queue.wait_before),
    }


def _seconds(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """To four figures: what is counted is known to 2 %."""
    return {name: None if value is None else float(f"{value:.4g}") for name, value in values.items()}


def _moment(seconds: int) -> str | None:
    return time(datetime.fromtimestamp(seconds, timezone.utc))
