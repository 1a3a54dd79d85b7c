"""A bench in one row, for whoever looks at many: how well it is, what is worst, how much waits, who works."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagnosis.detectors.schedules import fresh
from ..models.bench import Bench
from ..models.silences import SEVERITIES
from ..models.warnings import Warning
from .bench import state_of
from .values import Json, seconds, time
from .view import View


def summary_json(view: View, bench: Bench, asking: Sequence[Warning]) -> Json:
    """`asking`: the warnings that nobody has silenced."""
    states = [state_of(view, worker) for worker in bench.workers if worker.alive or worker.died]
    busy, idle = states.count("busy"), len(states) - states.count("busy") - states.count("gone")
    return {
        "worst": _worst(view, asking),
        "waiting": sum(lane.counts.queued for lane in bench.lanes),
        "running": sum(lane.counts.started for lane in bench.lanes),
        "failed": sum(lane.counts.failed for lane in bench.lanes),
        "oldest": _oldest(view, bench),
        "workers": {"busy": busy, "idle": idle},
        "suspended": bench.suspended,
        "paused": [lane.label for lane in bench.lanes if lane.paused],
        "scheduler": _scheduler(bench),
    }


def _worst(view: View, asking: Sequence[Warning]) -> Json | None:
    """The most severe one; of those, what has lasted longest."""
    if not asking:
        return None
    worst = min(asking, key=lambda each: (SEVERITIES.index(each.severity), each.since or view.now))
    return {
        "id": worst.id,
        "code": worst.code,
        "severity": worst.severity,
        "message": view.redaction.text(worst.message),
        "since": time(worst.since),
    }


def _oldest(view: View, bench: Bench) -> Json | None:
    """What has waited longest, and where; `at_least`: something may have waited longer."""
    waiting = [lane for lane in bench.lanes if lane.oldest_enqueued_at]
    if not waiting:
        return None
    lane = min(waiting, key=lambda each: each.oldest_enqueued_at or view.now)
    waited_s = max((view.now - (lane.oldest_enqueued_at or view.now)).total_seconds(), 0.0)
    at_least = any(not each.oldest_is_sure for each in waiting)
    return {"lane": lane.label, "wait_s": seconds(waited_s), "at_least": at_least}


def _scheduler(bench: Bench) -> Json | None:
    """Of all sites that publish theirs: how many do not run, and the tick that is longest ago. None: nobody knows."""
    known = [*fresh(bench)]
    if not known:
        return None
    down = [each for each in known if not each.running or each.process is False]
    ticks = [each.ticked_at for each in known if each.ticked_at is not None]
    return {"sites": len(known), "down": len(down), "ticked_at": time(min(ticks)) if ticks else None}
