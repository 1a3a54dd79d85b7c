"""Schedules to JSON. Times are ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from itertools import islice
from typing import Any

from ..models.bench import Bench, Usual
from ..models.jobs import Call
from ..models.schedule import Schedule, ScheduleEntry
from . import clock, dated_ahead, limits
from .check import Mistake
from .history import Ran
from .upcoming import Cadence, Occasion, Ticks, cadence, finer, upcoming
from .words import words

Json = dict[str, Any]


def time(moment: datetime | float | None) -> str | None:
    """A float: seconds since 1970."""
    if moment is None:
        return None
    if isinstance(moment, float):
        moment = datetime.fromtimestamp(moment, timezone.utc)
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


def schedule(known: Schedule, bench: Bench, usual: Mapping[str, Usual], ran: Mapping[str, Sequence[Ran]]) -> Json:
    return {
        "site": known.site,
        "running": known.running,
        "off": known.off,
        "reason": known.reason,
        "ticked_at": time(known.ticked_at),
        "tick_s": known.tick_s,
        "zone": known.zone,
        "process": known.process,
        "host": known.host,
        "tickers": list(known.tickers),
        "read_at": time(known.read_at),
        "age_s": round((bench.at - known.read_at).total_seconds(), 3) if known.read_at else None,
        "entries": [
            _entry(known, entry, bench, usual.get(entry.method), ran.get(entry.job_id, ())) for entry in known.entries
        ],
    }


def _entry(known: Schedule, entry: ScheduleEntry, bench: Bench, usual: Usual | None, ran: Sequence[Ran]) -> Json:
    where, ticks = clock.zone(known.zone), Ticks.of(known)
    runs: list[Occasion] = []
    if known.running and not entry.stopped:
        runs = list(islice(upcoming(entry, where, ticks, bench.at), limits.NEXT_RUNS))
    pace = cadence(entry.cron, where, ticks, bench.at) if finer(entry.cron, ticks) else None
    ended = [run for run in ran if run.outcome != "skipped"]
    good = sum(run.outcome == "finished" for run in ended)
    return {
        "record": entry.record,
        "method": entry.method,
        "cron": entry.cron,
        "words": words(entry.cron),
        "problem": entry.problem or dated_ahead.words(entry),
        "future_at": time(entry.future_at),
        "declared": entry.declared,
        "declared_words": words(entry.declared) if entry.declared else None,
        "pace": _pace(pace, known) if pace else None,
        "queue": entry.queue,
        "lane": entry.queue.rpartition(":")[2],
        "job_id": entry.job_id,
        "job_status": entry.job_status,
        "job_lost": _lost(entry, bench),
        "stopped": entry.stopped,
        "owed": entry.owed,
        "last_at": time(entry.last_at),
        "due_at": time(entry.due_at),
        "next": [occasion(run) for run in runs],
        "usual_s": usual.median_s if usual else None,
        "longest_s": usual.p99_s if usual else None,
        "runs": [{"at": time(run.started_at), "run_s": run.run_s, "outcome": run.outcome} for run in ran],
        "succeeded": good,
        "success_rate": round(good / len(ended), 4) if ended else None,
        "policy": _policy(known, entry, bench),
    }


def _lost(entry: ScheduleEntry, bench: Bench) -> bool:
    """Whether nothing runs its job, or ever will: its state alone would say that it runs, or waits."""
    found = bench.lost.get(entry.job_id)
    if found is None or entry.job_status not in ("started", "queued"):
        return False
    return found.evidence.get("job_runs") is not True


def preview(expression: str, wrong: Mistake | None, runs: Iterable[Occasion], pace: Cadence, known: Schedule) -> Json:
    return {
        "cron": expression,
        "words": None if wrong else words(expression),
        "mistake": asdict(wrong) if wrong else None,
        "next": [occasion(run) for run in runs],
        "pace": _pace(pace, known),
        "zone": known.zone,
        "tick_s": known.tick_s,
    }


def occasion(run: Occasion) -> Json:
    return {
        "due_at": time(run.due_at),
        "starts_at": time(run.starts_at),
        "shown": run.shown.isoformat(timespec="minutes"),
        "oddity": run.oddity,
    }


def _pace(pace: Cadence, known: Schedule) -> Json | None:
    """None where every due time is a run."""
    if not pace.coarser:
        return None
    return {"due_a_day": pace.due, "runs_a_day": pace.runs, "tick_s": known.tick_s}


def _policy(known: Schedule, entry: ScheduleEntry, bench: Bench) -> Json | None:
    policy_set = bench.policies.policy_sets.get(known.site)
    call = Call(entry.method, entry.method, "scheduled", known.site, scheduled_job=entry.record)
    policy = policy_set.of(call) if policy_set else None
    if policy is None:
        return None
    return {"name": policy.name, "catch_up": policy.catch_up, "overlap": policy.overlap}
