"""A picture: what one look saw, as text that can be read a week later, for whoever may see what of it.

It is of the whole bench, so that one serves all sites: what each may see is decided when it is read, by the same code
as for a look of now (`scope`). What is secret is hidden before it is written. It has neither arguments nor tracebacks,
nor what can be done, nor forecasts.

Two lines: lanes and workers, and then what holds messages (warnings), which are spoken to their reader.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .. import messages
from ..jobs.redact import Redaction
from ..models.bench import Bench, RedisHealth, Usual
from ..models.jobs import Job
from ..models.schedule import Schedule
from ..models.silences import Silence
from ..models.sweeps import Memory, RecentWorker
from ..models.warnings import Warning
from ..operate import holds as operate_holds
from . import limits, rows
from .rows import moment, sure, tenths

VERSION = 1
Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """What a look of then knew."""

    bench: Bench
    warnings: tuple[Warning, ...]


def written(bench: Bench, warnings: Iterable[Warning], redaction: Redaction) -> bytes:
    lanes = [rows.lane_row(bench, lane, redaction) for lane in bench.lanes]
    shown = {job.id for lane in bench.lanes for job in lane.running[: limits.RUNNING_ROWS]}
    workers = [worker for worker in bench.workers if worker.alive or worker.died][: limits.WORKERS]
    held = {worker.job_id for worker in workers} - shown
    first = {
        "v": VERSION,
        "at": tenths(bench.at),
        "redis": _redis_row(bench.redis),
        "suspended": [int(bench.suspended), tenths(bench.suspended_until)],
        "holds": [rows.hold_row(hold, redaction) for hold in bench.holds.values()],
        "lanes": lanes,
        "workers": [rows.worker_row(worker) for worker in workers],
        "crew": len(bench.memory.recent_workers),
        "held": _held_rows(bench, held, redaction),
        "usual": {method: _figures(usual.median_s) for method, usual in sorted(bench.usual.items())},
        "silences": [_silence_row(silence) for silence in bench.silences],
    }
    told = list(warnings)[: limits.WARNINGS]
    rows_of = shown | held
    explained = [each for job_id, each in bench.lost.items() if job_id in rows_of and each not in told]
    second = {
        "warnings": [_warning_row(warning, redaction) for warning in told],
        "lost_told": [number for number, each in enumerate(told) if _is_loss(bench, each)],
        "lost": [_warning_row(warning, redaction) for warning in explained[: limits.WARNINGS]],
        "schedules": [_schedule_row(schedule) for schedule in bench.schedules.values()],
    }
    plain = json.dumps(first, separators=(",", ":"), ensure_ascii=False)
    return f"{plain}\n{messages.dumps(second)}".encode("utf-8", "replace")


def _is_loss(bench: Bench, warning: Warning) -> bool:
    """Others, too, are about a job: that it overruns, that its timeout is near."""
    found = bench.lost.get(warning.job_id or "")
    return found is not None and found.code == warning.code


def _held_rows(bench: Bench, wanted: Iterable[str | None], redaction: Redaction) -> dict[str, list[rows.Row]]:
    """By lane."""
    found: dict[str, list[rows.Row]] = {}
    for job_id in wanted:
        job = bench.held.get(job_id or "")
        if job is not None:
            found.setdefault(job.queue, []).append(rows.job_row(bench, job, redaction))
    return found


def read(text: bytes) -> Picture | None:
    """None: not one of ours, or one of a version that we do not know."""
    try:
        plain, _newline, second = text.partition(b"\n")
        first: Plain = json.loads(plain)
        if first["v"] != VERSION:
            return None
        return _picture(first, messages.loads(second))
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _picture(first: Plain, second: Plain) -> Picture:
    at = sure(first["at"])
    holds = {hold.place: hold for hold in (rows.hold_of(row) for row in first["holds"])}
    suspended, until = first["suspended"]
    warnings = tuple(_warning_of(row) for row in second["warnings"])
    lost = (*(warnings[number] for number in second["lost_told"]), *(_warning_of(row) for row in second["lost"]))
    bench = Bench(
        at=at,
        lanes=tuple(rows.lane_of(row, holds) for row in first["lanes"]),
        workers=tuple(rows.worker_of(row, holds) for row in first["workers"]),
        redis=_redis_of(first["redis"]),
        suspended=bool(suspended),
        suspended_until=moment(until),
        suspension=operate_holds.suspension(holds, moment(until)) if suspended else None,
        holds=holds,
        usual={method: Usual(0, median_s, None, None) for method, median_s in first["usual"].items()},
        silences=tuple(_silence_of(row) for row in first["silences"]),
        schedules={each.site: each for each in (_schedule_of(row) for row in second["schedules"])},
        memory=Memory(recent_workers=(RecentWorker("", (), at),) if first["crew"] else ()),
        lost={warning.job_id: warning for warning in lost if warning.job_id},
    )
    return Picture(replace(bench, held=_held(bench, first["held"])), warnings)


def _held(bench: Bench, others: Mapping[str, list[rows.Row]]) -> dict[str, Job]:
    """What workers hold, by id: whose it is decides whether a site reads of it."""
    found = {job.id: job for lane in bench.lanes for job in lane.running}
    found |= {job.id: job for queue, each in others.items() for job in (rows.job_of(row, queue) for row in each)}
    return found


def _redis_row(redis: RedisHealth) -> list[Any]:
    """To three figures: the last ones change with each look, and tell nothing."""
    return [redis.version, _figures(redis.used_bytes), redis.max_bytes, _figures(redis.uptime_s), redis.loaded_keys]


def _redis_of(row: list[Any]) -> RedisHealth:
    version, used, most, uptime, loaded = row
    used = None if used is None else int(used)
    return RedisHealth(version, used, most, uptime_s=uptime, loaded_keys=loaded)


def _figures(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")


def _warning_row(warning: Warning, redaction: Redaction) -> list[Any]:
    return [
        warning.code,
        warning.severity,
        redaction.text(warning.message),
        warning.queue,
        warning.job_id,
        warning.worker,
        warning.site,
        tenths(warning.since),
        redaction.arguments(warning.evidence),
        warning.about,
        dict(warning.private),
    ]


def _warning_of(row: list[Any]) -> Warning:
    code, severity, message, queue, job_id, worker, site, since, evidence, about, private = row[:11]
    return Warning(
        code,
        severity,
        message,
        queue,
        job_id,
        worker,
        site,
        moment(since),
        evidence,
        about=about,
        private=private,
    )


def _silence_row(silence: Silence) -> list[Any]:
    return [
        silence.warning,
        silence.site,
        silence.state,
        silence.by,
        tenths(silence.at),
        tenths(silence.until),
        silence.severity,
        silence.weight,
        silence.reason,
    ]


def _silence_of(row: list[Any]) -> Silence:
    warning, site, state, by, at, until, severity, weight, reason = row
    return Silence(warning, site, state, by, sure(at), sure(until), severity, weight, reason, sure(at))


def _schedule_row(schedule: Schedule) -> list[Any]:
    """Whether it ticks: its entries are in the Schedules of now."""
    return [
        schedule.site,
        schedule.running,
        schedule.reason,
        schedule.tells_ticks,
        tenths(schedule.ticked_at),
        schedule.tick_s,
        schedule.process,
        schedule.host,
        tenths(schedule.read_at),
    ]


def _schedule_of(row: list[Any]) -> Schedule:
    site, running, reason, tells_ticks, ticked, tick_s, process, host, read_at = row
    return Schedule(
        site,
        running,
        reason,
        tells_ticks=tells_ticks,
        ticked_at=moment(ticked),
        tick_s=tick_s,
        process=process,
        host=host,
        read_at=moment(read_at),
    )
