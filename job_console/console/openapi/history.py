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
        "lines": "[MetricsLine]",
        "ranked": "[RankedCost]",
        "workers": dict.fromkeys(("busy", "alive"), "[number?]"),
        "queues": "[QueueHistory]",
    },
    "MetricsLine": {
        "key": "text",
        **dict.fromkeys(("runs", "failed", "timed_out"), "[whole]"),
        "worker_s": "[number]",
    },
    "FailureKind": {"type": "text", "count": "whole"},
    "RankedCost": {"key": "text", "runs": "whole", "failed": "whole", "worker_s": "number"},
    "QueueHistory": {"name": "text", "label": "text", "depth": "[whole?]", "oldest_wait_s": "[number?]"},
}
