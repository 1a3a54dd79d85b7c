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
    "FailureKind": {"type": "text", "count": "whole"},
    "RankedCost": {"key": "text", "runs": "whole", "failed": "whole", "worker_s": "number"},
    "QueueHistory": {"name": "text", "label": "text", "depth": "[whole?]", "oldest_wait_s": "[number?]"},
}
