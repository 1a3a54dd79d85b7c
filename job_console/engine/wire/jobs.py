"""Jobs: the row of a list, one job in detail, pages and slices of a search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from ..diagnosis import losses
from ..jobs import repeat
from ..jobs.redact import Redaction
from ..jobs.search import Found
from ..messages import _
from ..models.expected import Expected
from ..models.jobs import Detail, Failure, Job, Page, Run
from ..models.warnings import Warning
from ..policies.words import decided
from ..progress import wire as progress_wire
from ..retries import wire as retries_wire
from ..rq import fingerprint, frames
from ..rq import limits as rq_limits
from .values import Json, seconds, time
from .view import View
from .warnings import remedy_json, warning_json


def job_json(view: View, job: Job, whole: bool = False) -> Json:
    """A row; `whole` adds the traceback."""
    usual, redaction = view.usual.get(job.call.method), view.redaction_for(job)
    return {
        "id": job.id,
        "label": redaction.text(job.call.label),
        "method": job.call.method,
        "kind": job.call.kind,
        "queue": job.queue,
        "status": job.status,
        "site": job.site,
        "user": job.call.user,
        "enqueued_at": time(job.enqueued_at),
        "started_at": time(job.started_at),
        "ended_at": time(job.ended_at),
        "due_at": time(job.due_at),
        "timeout_s": job.timeout_s,
        "elapsed_s": seconds(job.elapsed_s(view.now)),
        "usual_s": seconds(usual.median_s) if usual else None,
        "attempt": job.attempt,
        "worker": job.worker,
        "arguments": redaction.of_call(job.call),
        "problem": job.call.problem,
        "error": failure_json(view, job.error, whole, redaction),
        **loss_json(view, job, redaction),
        "actions": [] if view.read_only else losses.offered(job, losses.about(job, view.lost)),
        "repeat": repeat.harm(job, view.policies.of(job)),
        "progress": progress_wire.progress(job.progress, view.now, redaction.text),
        "asked": progress_wire.asked(job.asked, redaction.text),
        "tries": retries_wire.tries(job, redaction.text),
    }


def loss_json(view: View, job: Job, redaction: Redaction) -> Json:
    found = losses.about(job, view.lost)
    remedies = view.offered(found.remedies) if found else []
    return {
        "lost": losses.is_lost(found),
        "lost_reason": redaction.text(found.message) if found else None,
        "lost_code": found.code if found else None,
        "remedies": [remedy_json(remedy) for remedy in remedies if not remedy.needs_site],
    }


def failure_json(
    view: View, failure: Failure | None, whole: bool = True, redaction: Redaction | None = None
) -> Json | None:
    if failure is None:
        return None
    redaction, traceback = redaction or view.redaction, failure.traceback if whole else None
    shown = redaction.text(traceback, rq_limits.TRACEBACK_CHARS) if traceback else None
    return {
        "type": failure.type,
        "message": redaction.text(failure.message),
        "traceback": shown,
        "parts": [_part_json(part) for part in frames.parts(shown)] if shown else None,
        "cut": failure.cut or _too_long(traceback),
    }


def _part_json(part: frames.Frame | frames.Text) -> Json:
    """A frame of a traceback, or the lines between two."""
    if isinstance(part, frames.Text):
        return {"text": part.text, "file": None, "name": None, "line": None, "function": None, "whose": None}
    return {
        "text": part.code,
        "file": part.file,
        "name": frames.short(part.file),
        "line": part.line,
        "function": part.function,
        "whose": part.whose,
    }


def detail_json(view: View, detail: Detail, warnings: Iterable[Warning], start: Expected | None = None) -> Json:
    job, redaction = detail.job, view.redaction_for(detail.job)
    result = None if detail.result is None else redaction.arguments({"result": detail.result})["result"]
    return {
        **job_json(view, job, whole=True),
        "policy": policy_json(view, detail),
        "runs": [run_json(view, run, redaction) for run in detail.runs],
        "timeline": _timeline(job),
        "position": detail.position,
        "expected_start_s": seconds(start.within_s) if start else None,
        "result": result,
        "dependencies": list(job.dependencies),
        "dependents": list(detail.dependents),
        "dependents_total": max(detail.dependents_total, len(detail.dependents)),
        "runs_total": max(detail.runs_total, len(detail.runs)),
        "warnings": [warning_json(view, warning) for warning in warnings],
        "document": dict(zip(("doctype", "name"), job.call.document, strict=True)) if job.call.document else None,
        "scheduled_job": job.call.scheduled_job,
        "failure_group": fingerprint.of(job.call, job.error).key if job.status == "failed" and job.error else None,
        "expires_at": time(detail.expires_at),
        "payload_bytes": job.payload_bytes,
    }


def policy_json(view: View, detail: Detail) -> Json | None:
    """The job's policy, and what that decided."""
    policy, job = view.policies.of(detail.job), detail.job
    if policy is None:
        return None
    shown = view.redaction_for(job).of_call(job.call)
    return {
        "name": policy.name,
        "kind": policy.kind,
        "pattern": policy.pattern,
        "source": policy.source,
        "decided": decided(policy, job, shown, detail.in_favour),
    }


def run_json(view: View, run: Run, redaction: Redaction) -> Json:
    return {
        "attempt": run.attempt,
        "outcome": run.outcome,
        "started_at": time(run.started_at),
        "ended_at": time(run.ended_at),
        "worker": run.worker,
        "error": failure_json(view, run.error, redaction=redaction),
    }


def page_json(view: View, page: Page) -> Json:
    return {
        "total": page.total,
        "approximate": page.approximate,
        "page": page.page,
        "size": page.size,
        "by_expiry": page.by_expiry,
        "sort": page.sort,
        "unsorted": page.unsorted,
        "reached": page.reached and asdict(page.reached),
        "jobs": [job_json(view, job) for job in page.jobs],
    }


def search_json(view: View, found: Found) -> Json:
    jobs = [job_json(view, job) for job in found.jobs]
    return {
        "jobs": jobs,
        "cursor": found.cursor,
        "scanned": found.scanned,
        "of": found.of,
        "by_expiry": found.by_expiry,
    }


def _too_long(traceback: str | None) -> str | None:
    if traceback is None or len(traceback) <= rq_limits.TRACEBACK_CHARS:
        return None
    return _("It is cut: these are {traceback_chars:,} of its {count:,} characters.").format(
        traceback_chars=rq_limits.TRACEBACK_CHARS, count=len(traceback)
    )


def _timeline(job: Job) -> list[Json]:
    events = (
        ("created", job.created_at),
        ("enqueued", job.enqueued_at),
        ("due", job.due_at),
        ("started", job.started_at),
        ("heartbeat", job.heartbeat_at if job.status == "started" else None),
        ("ended", job.ended_at),
    )
    known = [(moment, event) for event, moment in events if moment is not None]
    return [{"event": event, "at": time(moment)} for moment, event in sorted(known, key=lambda pair: pair[0])]
