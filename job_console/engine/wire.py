"""Models to JSON: the one wire format, for both hosts and the command line. Times are ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

from .diagnosis import headline, losses
from .diagnosis.explain import Case, Explanation, eta
from .diagnosis.mend import RELEASE, Step
from .jobs import repeat
from .jobs.redact import Redaction
from .jobs.search import Found
from .look import coverage
from .look.silences import Silenced
from .models.bench import Bench, Death, Lane, Usual, Worker
from .models.jobs import Detail, Failure, Job, Page, Run
from .models.outcomes import AuditEntry, Outcome
from .models.policy_match import Policies
from .models.schedule import Schedule
from .models.silences import Silence
from .models.sweeps import Surveyed
from .models.warnings import Remedy, Warning
from .policies.words import decided
from .progress import wire as progress_wire
from .redis.keys import OURS
from .retries import wire as retries_wire
from .rq import limits as rq_limits
from .scope import Elsewhere, ScopedBench

Json = dict[str, Any]


def time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


def seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


class Wire:
    """Writes for one moment (`now` makes ages), one redaction, and what is `usual` for a method then."""

    def __init__(
        self,
        now: datetime,
        redaction: Redaction,
        read_only: bool = False,
        usual: Mapping[str, Usual] = MappingProxyType({}),
        policies: Policies | None = None,
        silenced: Silenced | None = None,
        lost: Mapping[str, Warning] = MappingProxyType({}),
    ) -> None:
        self.now = now
        self.redaction = redaction
        self.read_only = read_only
        self.usual = usual
        self.policies = policies or Policies()
        self._silenced = silenced
        self.lost = lost

    def snapshot(self, scoped: ScopedBench, site: str | None, warnings: Iterable[Warning]) -> Json:
        bench, warnings = scoped.bench, list(warnings)
        return {
            "at": time(bench.at),
            "site": site,
            "read_only": self.read_only,
            "health": self.health(scoped.bench, site, warnings),
            "redis": {
                "used_bytes": bench.redis.used_bytes,
                "max_bytes": bench.redis.max_bytes,
                "version": bench.redis.version,
            },
            "suspended": bench.suspended,
            "notes": _notes(bench),
            "schedule": _schedule(bench.schedules.get(site or "")),
            "duties": [{**asdict(duty), "at": time(duty.at)} for duty in bench.duties],
            "queues": [self.lane(lane, bench, scoped.elsewhere.get(lane.name, Elsewhere())) for lane in bench.lanes],
            "workers": [self.worker(worker) for worker in bench.workers if worker.alive or worker.died],
            "surveyed": surveyed(bench.surveyed, bench.at),
            "warnings": [self.warning(warning) for warning in warnings],
        }

    def health(self, bench: Bench, site: str | None, warnings: list[Warning]) -> Mapping[str, Any]:
        """What somebody silenced does not count: see `headline`."""
        found = headline.judge(bench, site, [warning for warning in warnings if self.silenced(warning) is None])
        return {
            "verdict": found.verdict,
            "reasons": [self.redaction.text(reason) for reason in found.reasons],
            "evidence": list(found.evidence),
            "telling": found.telling,
            "silenced": sum(self.silenced(warning) is not None for warning in warnings),
        }

    def lane(self, lane: Lane, bench: Bench, elsewhere: Elsewhere) -> Json:
        serving = [worker for worker in bench.workers if lane.name in worker.queues and worker.state != "gone"]
        busy = sum(worker.state == "busy" for worker in serving)
        oldest = lane.oldest_enqueued_at
        return {
            "name": lane.name,
            "label": lane.label,
            "counts": asdict(lane.counts),
            "workers": {
                "busy": busy,
                "idle": len(serving) - busy,
                "draining": sum(not worker.takes_work for worker in serving),
            },
            "oldest_wait_s": seconds(max((self.now - oldest).total_seconds(), 0.0)) if oldest else None,
            "oldest_wait_at_least": not lane.oldest_is_sure,
            "drain_s": seconds(eta.drain_s(bench, lane)),
            "running": [self.job(job) for job in lane.running],
            "running_elsewhere": elsewhere.running,
            "head": [self.job(job) for job in lane.head],
            "head_elsewhere": elsewhere.head,
            "parked": [self.job(job) for job in lane.parked],
            "failures": [self.job(job) for job in lane.failures],
            "failures_elsewhere": elsewhere.failures,
        }

    def worker(self, worker: Worker) -> Json:
        return {
            "name": worker.name,
            "label": f"{worker.host} · {worker.pid}" if worker.host and worker.pid else worker.name,
            "state": worker.state,
            "queues": list(worker.queues),
            "job_id": worker.job_id,
            "host": worker.host,
            "pid": worker.pid,
            "heartbeat_age_s": seconds(worker.heartbeat_age_s(self.now)),
            "born_at": time(worker.born_at),
            "draining_since": time(worker.draining_since),
            "unregistered": worker.unregistered,
            "elsewhere": worker.elsewhere,
            "gone": _gone(worker.died),
        }

    def job(self, job: Job, whole: bool = False) -> Json:
        """A row; `whole` adds the traceback."""
        usual, redaction = self.usual.get(job.call.method), self._for(job)
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
            "elapsed_s": seconds(job.elapsed_s(self.now)),
            "usual_s": seconds(usual.median_s) if usual else None,
            "attempt": job.attempt,
            "worker": job.worker,
            "arguments": redaction.of_call(job.call),
            "problem": job.call.problem,
            "error": self.failure(job.error, whole, redaction),
            **self.loss(job, redaction),
            "actions": [] if self.read_only else losses.offered(job, losses.about(job, self.lost)),
            "repeat": repeat.harm(job, self.policies.of(job)),
            "progress": progress_wire.progress(job.progress, self.now, redaction.text),
            "asked": progress_wire.asked(job.asked, redaction.text),
            "tries": retries_wire.tries(job, redaction.text),
        }

    def loss(self, job: Job, redaction: Redaction) -> Json:
        found = losses.about(job, self.lost)
        remedies = found.remedies if found and not self.read_only else ()
        return {
            "lost": losses.is_lost(found),
            "lost_reason": redaction.text(found.message) if found else None,
            "remedies": [_remedy(remedy) for remedy in remedies if not remedy.needs_site],
        }

    def _for(self, job: Job) -> Redaction:
        """Also hides what its policy calls sensitive."""
        policy = self.policies.of(job)
        return self.redaction.hiding(policy.sensitive) if policy and policy.sensitive else self.redaction

    def failure(self, failure: Failure | None, whole: bool = True, redaction: Redaction | None = None) -> Json | None:
        if failure is None:
            return None
        redaction, traceback = redaction or self.redaction, failure.traceback if whole else None
        return {
            "type": failure.type,
            "message": redaction.text(failure.message),
            "traceback": redaction.text(traceback, rq_limits.TRACEBACK_CHARS) if traceback else None,
            "cut": failure.cut or _too_long(traceback),
        }

    def detail(self, detail: Detail, warnings: Iterable[Warning]) -> Json:
        job, redaction = detail.job, self._for(detail.job)
        result = None if detail.result is None else redaction.arguments({"result": detail.result})["result"]
        return {
            **self.job(job, whole=True),
            "policy": self.policy(detail),
            "runs": [self.run(run, redaction) for run in detail.runs],
            "timeline": _timeline(job),
            "position": detail.position,
            "result": result,
            "dependencies": list(job.dependencies),
            "dependents": list(detail.dependents),
            "dependents_total": max(detail.dependents_total, len(detail.dependents)),
            "runs_total": max(detail.runs_total, len(detail.runs)),
            "warnings": [self.warning(warning) for warning in warnings],
            "document": dict(zip(("doctype", "name"), job.call.document, strict=True)) if job.call.document else None,
            "scheduled_job": job.call.scheduled_job,
            "expires_at": time(detail.expires_at),
            "payload_bytes": job.payload_bytes,
        }

    def policy(self, detail: Detail) -> Json | None:
        """The job's policy, and what that decided."""
        policy, job = self.policies.of(detail.job), detail.job
        if policy is None:
            return None
        shown = self._for(job).of_call(job.call)
        return {
            "name": policy.name,
            "kind": policy.kind,
            "pattern": policy.pattern,
            "source": policy.source,
            "decided": decided(policy, job, shown, detail.in_favour),
        }

    def explanation(self, case: Case, explanation: Explanation) -> Json:
        redaction = self._for(case.job)
        details: list[Json] = [
            {
                "text": redaction.text(reason.text),
                "evidence": redaction.arguments(reason.evidence),
                "remedies": [] if self.read_only else [_remedy(remedy) for remedy in reason.remedies],
                "job_id": reason.job_id or case.job.id,
            }
            for reason in explanation.reasons
        ]
        own = (reason for reason in details if reason["job_id"] == case.job.id)
        offered = {remedy["action"]: remedy for reason in own for remedy in reason["remedies"]}
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

    def run(self, run: Run, redaction: Redaction) -> Json:
        return {
            "attempt": run.attempt,
            "outcome": run.outcome,
            "started_at": time(run.started_at),
            "ended_at": time(run.ended_at),
            "worker": run.worker,
            "error": self.failure(run.error, redaction=redaction),
        }

    def warning(self, warning: Warning) -> Json:
        return {
            "id": warning.id,
            "code": warning.code,
            "severity": warning.severity,
            "queue": warning.queue,
            "job_id": warning.job_id,
            "worker": warning.worker,
            "site": warning.site,
            "since": time(warning.since),
            "evidence": self.redaction.arguments(warning.evidence),
            "message": self.redaction.text(warning.message),
            "remedies": [] if self.read_only else [_remedy(remedy) for remedy in warning.remedies],
            **silence(self.silenced(warning)),
        }

    def silenced(self, warning: Warning) -> Silence | None:
        return self._silenced.of(warning) if self._silenced else None

    def mended(self, done: Iterable[tuple[Step, Outcome]], left: Iterable[Warning], dry_run: bool) -> Json:
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
        return {"dry_run": dry_run, "results": results, "left": [self.warning(warning) for warning in left]}

    def page(self, page: Page) -> Json:
        return {
            "total": page.total,
            "approximate": page.approximate,
            "page": page.page,
            "size": page.size,
            "by_expiry": page.by_expiry,
            "jobs": [self.job(job) for job in page.jobs],
        }

    def found(self, found: Found) -> Json:
        jobs = [self.job(job) for job in found.jobs]
        return {"jobs": jobs, "cursor": found.cursor, "scanned": found.scanned, "of": found.of}


def silence(found: Silence | None) -> Json:
    """Who acknowledged, snoozed or muted a warning, and until when; all None: it asks for somebody."""
    return {
        "silenced": found.state if found else None,
        "acknowledged_by": found.by if found else None,
        "acknowledged_at": time(found.at) if found else None,
        "until": time(found.until) if found else None,
        "silence_reason": found.reason if found else None,
    }


def surveyed(found: Surveyed, now: datetime) -> Json:
    """How much of what waits was gone through for jobs that stand nowhere; `share` None: no telling."""
    return {
        "seen": found.of if found.whole_at else min(found.seen, found.of),
        "of": found.of,
        "share": seconds(found.share),
        "by_sweeps": min(found.by_sweeps, found.of),
        "swept_at": time(found.swept_at),
        "whole_at": time(found.whole_at),
        "whole_by_sweeps": found.whole_by_sweeps,
        "unsure": found.unsure,
        "text": coverage.sentence(found, now),
    }


def _gone(died: Death | None) -> str | None:
    """Why it is `gone` although its record lives."""
    return f"Process {died.pid} on {died.host} is not there any more: it was killed." if died else None


def _remedy(remedy: Remedy) -> Json:
    return {"action": remedy.action, "label": remedy.label, "explain": remedy.explain, "safe": remedy.safe}


def _too_long(traceback: str | None) -> str | None:
    if traceback is None or len(traceback) <= rq_limits.TRACEBACK_CHARS:
        return None
    return f"It is cut: these are {rq_limits.TRACEBACK_CHARS:,} of its {len(traceback):,} characters."


def _notes(bench: Bench) -> list[str]:
    """What this look could not see, and why."""
    notes = []
    if bench.unreadable:
        lanes = "1 lane" if len(bench.unreadable) == 1 else f"{len(bench.unreadable)} lanes"
        notes.append(f"{lanes} of other benches cannot be read: our user of Redis may not (ACL).")
    if bench.without_ours:
        notes.append(
            f"Our user of Redis may not use the keys {OURS}* (ACL): no locks, policies, statistics, schedules or "
            "progress are seen, and nothing can be done to jobs."
        )
    return notes


def _schedule(schedule: Schedule | None) -> Json | None:
    """Whether the site's scheduler ticks; None where nobody told us."""
    if schedule is None:
        return None
    return {"running": schedule.running, "reason": schedule.reason, "ticked_at": time(schedule.ticked_at)}


def outcomes(results: Iterable[Outcome]) -> Json:
    return {"results": [asdict(result) for result in results]}


def audit(total: int, entries: Iterable[AuditEntry]) -> Json:
    return {"total": total, "entries": [{**asdict(entry), "at": time(entry.at)} for entry in entries]}


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
