"""Answers about metrics over time; see `jobs`."""

from __future__ import annotations

from collections.abc import Mapping

from .notation import Type

_PERCENTILES = dict.fromkeys(("p50", "p90", "p99"), "[number?]")

SCHEMAS: Mapping[str, Mapping[str, Type]] = {
    "MetricsHistoryAnswer": {
        **dict.fromkeys(("last", "by"), "text"),
        "site": "text?",
        **dict.fromkeys(("at", "since", "until"), "time"),
        **dict.fromkeys(("step_s", "points"), "whole"),
        "total": "MetricsLine",
        "run_s": _PERCENTILES,
        "wait_s": _PERCENTILES,
        "failures": "[FailureKind]",
        "heat": {"ends_s": "[number]", "counts": "[[whole]]"},
        "wait_heat": {"ends_s": "[number]", "counts": "[[whole]]"},
        "lines": "[MetricsLine]",
        "ranked": "[RankedCost]",
        "workers": dict.fromkeys(("busy", "alive"), "[number?]"),
        "queues": "[QueueHistory]",
        "marks": "[Mark]",
        "marks_left_out": "whole",
    },
    "MomentAnswer": {
        **dict.fromkeys(("at", "now"), "time"),
        **dict.fromkeys(("every_s", "kept_s"), "whole"),
        "snapshot": "Snapshot?",
        **dict.fromkeys(("before", "after"), "time?"),
        "covered": "[[time]]",
        "marks": "[Mark]",
    },
    "Mark": {"at": "time", "since": "time?", "kind": "text", "site": "text?", "text": "text"},
    "MetricsLine": {
        "key": "text",
        **dict.fromkeys(("runs", "failed", "timed_out"), "[whole]"),
        "worker_s": "[number]",
    },
    "WeeklyReportAnswer": {
        "site": "text?",
        **dict.fromkeys(("since", "until"), "time"),
        "notes": "[text]",
        "total": "RunsBeside",
        "workers_busy": "number?",
        **dict.fromkeys(("failed_most", "grew"), "[MethodBeside]"),
        "queues": "[QueueWeek]",
        "advice": "[Advice]",
    },
    "RunsBeside": dict.fromkeys(("now", "before"), "RunsTotal"),
    "MethodBeside": {"method": "text", **dict.fromkeys(("now", "before"), "RunsTotal")},
    "RunsTotal": {**dict.fromkeys(("runs", "failed", "timed_out"), "whole"), "worker_s": "number"},
    "QueueWeek": {
        **dict.fromkeys(("name", "label"), "text"),
        "now": "RunsTotal",
        **dict.fromkeys(("wait_s", "wait_before_s"), dict.fromkeys(("p50", "p90", "p99"), "number?")),
    },
    "Advice": dict.fromkeys(("code", "about", "text", "todo"), "text"),
    "WhatIfAnswer": {
        "at": "time",
        **dict.fromkeys(("days_known", "days_played", "hours_of_a_day", "jobs_played"), "whole"),
        "workers": dict.fromkeys(("now", "then"), "[WorkersOfQueues]"),
        "busy": dict.fromkeys(("now", "then"), "number?"),
        "queues": "[QueueWhatIf]",
        "keep": "KeptGoal?",
        **dict.fromkeys(("notes", "assumed", "methods"), "[text]"),
        "schedules": "[ScheduleToMove]",
    },
    "WorkersOfQueues": {"queues": "[text]", "count": "whole"},
    "QueueWhatIf": {
        **dict.fromkeys(("name", "label"), "text"),
        "known": "whole",
        "telling": "flag",
        **dict.fromkeys(("observed_s", "now_s", "then_s"), dict.fromkeys(("p50", "p90", "p99"), "number?")),
        **dict.fromkeys(("jobs", "unserved"), "whole"),
    },
    "KeptGoal": {
        "queue": "text",
        **dict.fromkeys(("within_s", "jobs"), "number"),
        **dict.fromkeys(("days", "kept"), "whole"),
        "options": "[KeepingOption]",
        "text": "text",
    },
    "KeepingOption": {**dict.fromkeys(("kind", "workers", "text"), "text"), "kept": "whole"},
    "ScheduleToMove": dict.fromkeys(("name", "cron"), "text"),
    "FailureKind": {"type": "text", "count": "whole"},
    "RankedCost": {"key": "text", "runs": "whole", "failed": "whole", "worker_s": "number"},
    "QueueHistory": {"name": "text", "label": "text", "depth": "[whole?]", "oldest_wait_s": "[number?]"},
}
