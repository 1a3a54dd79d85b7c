"""The next day to JSON: each worker's blocks, the rushes in words, and what quieter minutes would change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

from ..messages import Instant, _
from ..models.bench import Bench
from ..models.schedule import Schedule
from ..models.workers import Worker
from ..rq import limits as rq_limits
from ..wording import duration, many
from . import limits
from .outlook import Outlook
from .quieter import Move
from .rushes import Rush
from .simulate import Bar
from .wire import time
from .words import words

Json = dict[str, Any]


def outlook(seen: Outlook, bench: Bench, site: str | None) -> Json:
    """Entries of other sites count, and are not named."""
    workers = [worker for worker in bench.workers if worker.state != "gone"]
    lanes = dict.fromkeys(entry.lane for entry in seen.entries)
    return {
        "start": time(seen.day.start),
        "end": time(seen.day.end),
        "entries": [
            {"record": entry.record, "site": entry.site, "usual_s": entry.duration_s}
            if site in (None, entry.site)
            else None
            for entry in seen.entries
        ],
        "lanes": [_lane(lane, seen, workers) for lane in sorted(lanes)],
        "rushes": [rush(each, seen, bench, site) for each in seen.rushes],
        "overlaps": [
            {"entry": number, "due_at": time(at)}
            for number, at in seen.day.overlaps[: rq_limits.ITEMS]
            if site in (None, seen.entries[number].site)
        ],
        "runs": len(seen.day.bars),
        "unknown": seen.unknown,
        "cut": seen.day.cut,
    }


def rush(found: Rush, seen: Outlook, bench: Bench, site: str | None) -> Json:
    own = [bar.entry for bar in found.bars if site in (None, seen.entries[bar.entry].site)]
    return {
        "lane": found.lane,
        "at": time(found.at),
        "jobs": len(found.bars),
        "entries": list(dict.fromkeys(own)),
        "elsewhere": len(found.bars) - len(own),
        "work_s": round(found.work_s, 3),
        "workers": found.workers,
        "last_start": time(found.last_start),
        "longest_wait_s": round(found.longest_wait_s, 3),
        "text": reported(found),
    }


def reported(found: Rush) -> str:
    """`02:00: 14 jobs need 41 worker-minutes on 2 workers; the last starts at 02:20.`"""
    minutes = found.work_s / 60
    work = (
        _("{minutes:.0f} worker-minutes").format(minutes=minutes)
        if minutes >= 2
        else _("{work_s:.0f} worker-seconds").format(work_s=found.work_s)
    )
    text = _("{time}: {count:,} jobs need {work} on {workers}; the last starts at {last}.")
    if len(found.bars) == 1:
        text = _("{time}: {count:,} job needs {work} on {workers}; the last starts at {last}.")
    return text.format(
        time=_clock(found.at),
        count=len(found.bars),
        work=work,
        workers=many(found.workers, _("{count:,} worker"), _("{count:,} workers")),
        last=_clock(found.last_start),
    )


def quieter(moves: Sequence[Move], before: Outlook, after: Outlook, schedule: Schedule) -> Json:
    known = {entry.record: entry for entry in schedule.entries}
    return {
        "moves": [
            {
                "record": before.entries[move.entry].record,
                "method": known[before.entries[move.entry].record].method,
                "before": move.before,
                "after": move.after,
                "words_before": words(move.before),
                "words_after": words(move.after),
            }
            for move in moves
        ],
        "before": _sum(before),
        "after": _sum(after),
        "text": _difference(before, after) if moves else _("No quieter minutes would make these schedules wait less."),
    }


def _difference(before: Outlook, after: Outlook) -> str:
    return _(
        "Together they would wait {waiting} instead of {before} a day, {longest} instead of {longest_before} at most."
    ).format(
        waiting=duration(after.waiting_s),
        before=duration(before.waiting_s),
        longest=duration(after.longest_wait_s),
        longest_before=duration(before.longest_wait_s),
    )


def _sum(seen: Outlook) -> Json:
    return {
        "rushes": len(seen.rushes),
        "waiting_s": round(seen.waiting_s, 3),
        "longest_wait_s": round(seen.longest_wait_s, 3),
    }


def _lane(lane: str, seen: Outlook, workers: Sequence[Worker]) -> Json:
    serving = [number for number, queues in enumerate(seen.worker_lanes) if lane in queues]
    bars = [bar for bar in seen.day.bars if seen.entries[bar.entry].lane == lane]
    return {
        "name": lane,
        "label": lane.rpartition(":")[2],
        "unserved": seen.day.unserved.get(lane, 0),
        "workers": [
            {"name": workers[number].name, "blocks": list(_blocks([bar for bar in bars if bar.worker == number]))}
            for number in serving
        ],
    }


def _blocks(bars: Sequence[Bar]) -> Iterator[Json]:
    """Runs of one worker one after the other; short ones that follow each other closely are one block."""
    together: list[Bar] = []
    for bar in bars:
        if together and not (_short(bar) and _short(together[-1]) and _near(together[-1], bar)):
            yield _block(together)
            together = []
        together.append(bar)
    if together:
        yield _block(together)


def _short(bar: Bar) -> bool:
    return bar.ends_at - bar.starts_at < limits.BLOCK_RUN_S


def _near(bar: Bar, other: Bar) -> bool:
    return other.starts_at - bar.ends_at < limits.BLOCK_GAP_S


def _block(bars: Sequence[Bar]) -> Json:
    return {
        "starts_at": time(bars[0].starts_at),
        "ends_at": time(bars[-1].ends_at),
        "busy_s": round(sum(bar.ends_at - bar.starts_at for bar in bars), 3),
        "waits_s": round(max(bar.waits_s for bar in bars), 3),
        "entries": list(dict.fromkeys(bar.entry for bar in bars)),
        "runs": len(bars),
    }


def _clock(stamp: float) -> Instant:
    return Instant(datetime.fromtimestamp(stamp, timezone.utc), "time")
