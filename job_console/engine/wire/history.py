"""Metrics over time: each list has one value for each point, from `since` on, `step_s` apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone

from ..history import mark_words
from ..history.gauges import Sample
from ..history.marks import Mark
from ..history.ranges import Span
from ..history.series import Heat, Line, Ranked
from .values import Json, time


@dataclass(frozen=True, slots=True)
class Found:
    last: str
    by: str
    site: str | None
    at: float
    span: Span
    total: Line
    run: Mapping[str, list[float | None]]
    wait: Mapping[str, list[float | None]]
    kinds: Mapping[str, int]
    heat: Heat
    wait_heat: Heat
    lines: Sequence[Line]
    ranked: Sequence[Ranked]
    samples: Sequence[Sample | None]
    #: What was changed, and how many more such marks there are.
    marks: Sequence[Mark] = ()
    marks_left_out: int = 0


def history_json(found: Found) -> Json:
    span = found.span
    return {
        "last": found.last,
        "by": found.by,
        "site": found.site,
        "at": _moment(found.at),
        "since": _moment(span.since),
        "until": _moment(span.until),
        "step_s": span.wanted.step_s,
        "points": len(span.points),
        "total": _line(found.total),
        "run_s": {name: _seconds(values) for name, values in found.run.items()},
        "wait_s": {name: _seconds(values) for name, values in found.wait.items()},
        "failures": [{"type": kind, "count": count} for kind, count in found.kinds.items()],
        "heat": _heat(found.heat),
        "wait_heat": _heat(found.wait_heat),
        "lines": [_line(line) for line in found.lines],
        "ranked": [asdict(each) for each in found.ranked],
        "workers": {
            "busy": [sample and sample.busy for sample in found.samples],
            "alive": [sample and sample.workers for sample in found.samples],
        },
        "queues": [_lane(lane, found.samples) for lane in _lanes(found.samples)],
        "marks": [mark_json(mark) for mark in found.marks],
        "marks_left_out": found.marks_left_out,
    }


def mark_json(mark: Mark) -> Json:
    return {
        "at": _moment(mark.at),
        "since": None if mark.since is None else _moment(mark.since),
        "kind": mark.kind,
        "site": mark.site,
        "text": mark_words.sentence(mark),
    }


def _lanes(samples: Iterable[Sample | None]) -> list[str]:
    return sorted({lane for sample in samples if sample for lane in sample.lanes})


def _lane(lane: str, samples: Sequence[Sample | None]) -> Json:
    of_lane = [sample.lanes.get(lane, (0, 0.0)) if sample else (None, None) for sample in samples]
    return {
        "name": lane,
        "label": lane.rpartition(":")[2],
        "depth": [depth for depth, _wait in of_lane],
        "oldest_wait_s": [wait for _depth, wait in of_lane],
    }


def _heat(heat: Heat) -> Json:
    return {"ends_s": _seconds(heat.ends), "counts": heat.counts}


def _line(line: Line) -> Json:
    return asdict(line)


def _seconds(values: Iterable[float | None]) -> list[float | None]:
    """To four figures: what is counted is known to 2 %."""
    return [None if value is None else float(f"{value:.4g}") for value in values]


def _moment(seconds: float) -> str | None:
    return time(datetime.fromtimestamp(seconds, timezone.utc))
