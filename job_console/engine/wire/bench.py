"""A snapshot of the bench: how well it is, its lanes and workers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..diagnosis import headline, losses
from ..diagnosis.explain import eta
from ..look import coverage
from ..messages import _
from ..models.bench import Bench, Lane
from ..models.schedule import Schedule
from ..models.sweeps import Surveyed
from ..models.warnings import Warning
from ..models.workers import Death, Measured, Worker
from ..operate import wire as operate_wire
from ..redis.keys import OURS
from ..scope import Elsewhere, ScopedBench
from ..wording import many
from .jobs import job_json
from .values import Json, seconds, time
from .view import View
from .warnings import warning_json

#: What stands among the running ones with another state has ended: RQ left it there.
RUNNING = ("started", "queued")


def snapshot_json(view: View, scoped: ScopedBench, site: str | None, warnings: Iterable[Warning]) -> Json:
    bench, warnings = scoped.bench, list(warnings)
    return {
        "at": time(bench.at),
        "site": site,
        "read_only": view.read_only,
        "may_operate": view.may_operate and not view.read_only,
        "health": health_json(view, scoped.bench, site, warnings),
        "redis": {
            "used_bytes": bench.redis.used_bytes,
            "max_bytes": bench.redis.max_bytes,
            "version": bench.redis.version,
        },
        "suspended": bench.suspended,
        **operate_wire.bench(bench, site, view.redaction.text),
        "notes": _notes(bench),
        "schedule": _schedule(bench.schedules.get(site or "")),
        "duties": [{**asdict(duty), "at": time(duty.at)} for duty in bench.duties],
        "queues": [lane_json(view, lane, bench, scoped.elsewhere.get(lane.name, Elsewhere())) for lane in bench.lanes],
        "workers": [worker_json(view, worker) for worker in bench.workers if worker.alive or worker.died],
        "surveyed": surveyed_json(bench.surveyed, bench.at),
        "warnings": [warning_json(view, warning) for warning in warnings],
    }


def health_json(view: View, bench: Bench, site: str | None, warnings: list[Warning]) -> Mapping[str, Any]:
    """What somebody silenced does not count: see `headline`."""
    found = headline.judge(bench, site, [warning for warning in warnings if view.silenced(warning) is None])
    return {
        "verdict": found.verdict,
        "reasons": [view.redaction.text(reason) for reason in found.reasons],
        "evidence": list(found.evidence),
        "telling": found.telling,
        "silenced": sum(view.silenced(warning) is not None for warning in warnings),
    }


def lane_json(view: View, lane: Lane, bench: Bench, elsewhere: Elsewhere) -> Json:
    serving = [worker for worker in bench.workers if lane.name in worker.queues and state_of(view, worker) != "gone"]
    busy = sum(worker.state == "busy" for worker in serving)
    oldest = lane.oldest_enqueued_at
    return {
        "name": lane.name,
        "label": lane.label,
        "counts": asdict(lane.counts),
        "workers": {
            "busy": busy,
            "idle": len(serving) - busy,
            "draining": sum(worker.draining_since is not None for worker in serving),
            "quiet": sum(worker.quiet is not None for worker in serving),
        },
        "paused": operate_wire.paused(lane, bench, view.redaction.text),
        "oldest_wait_s": seconds(max((view.now - oldest).total_seconds(), 0.0)) if oldest else None,
        "oldest_wait_at_least": not lane.oldest_is_sure,
        "drain_s": seconds(eta.drain_s(bench, lane)),
        "running": [job_json(view, job) for job in lane.running if job.status in RUNNING],
        "running_left_over": sum(job.status not in RUNNING for job in lane.running),
        "running_elsewhere": elsewhere.running,
        "head": [job_json(view, job) for job in lane.head],
        "head_elsewhere": elsewhere.head,
        "parked": [job_json(view, job) for job in lane.parked],
        "parked_at_least": lane.parked_at_least,
        "failures": [job_json(view, job) for job in lane.failures],
        "failures_elsewhere": elsewhere.failures,
    }


def worker_json(view: View, worker: Worker) -> Json:
    return {
        "name": worker.name,
        "label": f"{worker.host} · {worker.pid}" if worker.host and worker.pid else worker.name,
        "state": state_of(view, worker),
        "queues": list(worker.queues),
        "job_id": worker.job_id,
        "host": worker.host,
        "pid": worker.pid,
        "heartbeat_age_s": seconds(worker.heartbeat_age_s(view.now)),
        "born_at": time(worker.born_at),
        "rq_version": worker.version,
        "python_version": worker.python_version,
        **_measured(worker.measured),
        "draining_since": time(worker.draining_since),
        "unregistered": worker.unregistered,
        "elsewhere": worker.elsewhere,
        "gone": _gone(worker.died) or _silent(view, worker),
        **operate_wire.worker(worker, view.redaction.text),
    }


def _measured(found: Measured | None) -> Json:
    """All null: nobody on its host has measured it."""
    return {
        "rss_bytes": found and found.rss_bytes,
        "horse_rss_bytes": found and found.horse_rss_bytes,
        "round_trip_s": found and round(found.round_trip_s, 6),
    }


def state_of(view: View, worker: Worker) -> str:
    """As people are told it: one that holds a lost job is gone, whatever its record says."""
    return "gone" if _silent(view, worker) else worker.state


def _silent(view: View, worker: Worker) -> str | None:
    """Why a worker that calls itself busy is not: its job is proven to be lost."""
    found = view.lost.get(worker.job_id or "") if worker.state == "busy" else None
    if found is None or found.worker != worker.name or not losses.is_lost(found):
        return None
    return view.redaction.text(found.message)


def surveyed_json(found: Surveyed, now: datetime) -> Json:
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
    return (
        _("Process {pid} on {host} is not there any more: it was killed.").format(pid=died.pid, host=died.host)
        if died
        else None
    )


def _notes(bench: Bench) -> list[str]:
    """What this look could not see, and why."""
    notes: list[str] = []
    if bench.unreadable:
        notes.append(
            many(
                len(bench.unreadable),
                _("{count:,} lane of other benches cannot be read: our user of Redis may not (ACL)."),
                _("{count:,} lanes of other benches cannot be read: our user of Redis may not (ACL)."),
            )
        )
    if bench.without_ours:
        notes.append(
            _(
                "Our user of Redis may not use the keys {ours}* (ACL): no locks, policies, statistics, "
                "schedules or progress are seen, and nothing can be done to jobs."
            ).format(ours=OURS)
        )
    if bench.locks_are_cut:
        notes.append(
            _(
                "Of the locks that are in use {count:,} were looked at, those whose leases end first: there may be "
                "more."
            ).format(count=len(bench.locks))
        )
    return notes


def _schedule(schedule: Schedule | None) -> Json | None:
    """Whether the site's scheduler ticks; None where that is not known."""
    if schedule is None:
        return None
    return {"running": schedule.running, "reason": schedule.reason, "ticked_at": time(schedule.ticked_at)}
