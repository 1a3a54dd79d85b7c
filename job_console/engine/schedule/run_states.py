"""What the runs of entries do now. A site publishes that once a minute; who views schedules sees it with each look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..models.schedule import Schedule, ScheduleEntry
from ..redis import keys
from ..redis.link import Pipeline
from ..rq.records import moment, text
from . import due
from .readiness import IN_THE_WAY, together


def ask(pipeline: Pipeline, schedules: Mapping[str, Schedule]) -> None:
    """Put the questions on a pipeline: one for each entry, some more for those that ran when they were published."""
    for schedule in schedules.values():
        for entry in schedule.entries:
            for run_id in _runs(entry):
                pipeline.hmget(keys.job(run_id), "status", "enqueued_at")


def as_now(schedules: Mapping[str, Schedule], answers: Iterator[Any]) -> dict[str, Schedule]:
    """`answers`: those to `ask`."""
    return {
        site: replace(schedule, entries=tuple(_entry(entry, answers) for entry in schedule.entries))
        for site, schedule in schedules.items()
    }


def _runs(entry: ScheduleEntry) -> tuple[str, ...]:
    """Another run stands beside its own one only while that one does."""
    runs = due.run_ids(entry.job_id)
    return runs if entry.job_status in IN_THE_WAY else runs[:1]


def _entry(entry: ScheduleEntry, answers: Iterator[Any]) -> ScheduleEntry:
    return replace(entry, job_status=together([_record(next(answers)) for _run in _runs(entry)])[0])


def _record(answer: Any) -> tuple[str | None, datetime | None]:
    """Of a record that is none, nothing is known."""
    status, at = (None, None) if isinstance(answer, Exception) else answer
    return text(status), moment(at)
