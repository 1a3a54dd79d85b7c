"""What the calls answer, in the notation of `notation`. docs/api.md says what it means."""

from __future__ import annotations

from collections.abc import Mapping

from job_console.engine.models.silences import SEVERITIES

from .history import SCHEMAS as OF_HISTORY
from .jobs import SCHEMAS as OF_JOBS
from .notation import Type
from .operations import SCHEMAS as OF_OPERATIONS
from .schedules import SCHEMAS as OF_SCHEDULES

#: Of which server and bench an answer is.
NAMES = {"server": "text?", "bench": "text?", "bench_server": "text?"}
_HOLD = {"by": "text?", "reason": "text?", "at": "time?", "until": "time?"}
_HEALTH = {"verdict": "text", "reasons": "[text]", "evidence": "[text]", "telling": "flag", "silenced": "whole"}
_SILENCE = {
    "silenced": "text?",
    "acknowledged_by": "text?",
    "acknowledged_at": "time?",
    "until": "time?",
    "silence_reason": "text?",
}

_OF_THE_BENCH: Mapping[str, Mapping[str, Type]] = {
    "Error": {"error": {"type": "text", "message": "text"}, **{f"{name}?": kind for name, kind in NAMES.items()}},
    "MachineStatus": {"status": "text"},
    "Health": {"at": "time", **_HEALTH, "warnings": dict.fromkeys(SEVERITIES, "whole"), **NAMES},
    "Snapshot": {
        "at": "time",
        "site": "text?",
        "read_only": "flag",
        "may_operate": "flag",
        "health": _HEALTH,
        "redis": {"used_bytes": "whole?", "max_bytes": "whole?", "version": "text?"},
        "suspended": "flag",
        "suspension": "Hold?",
        "paused_methods": "[PausedMethod]",
        "notes": "[text]",
        "schedule": "object?",
        "duties": "[Duty]",
        "queues": "[Lane]",
        "workers": "[Worker]",
        "surveyed": "Surveyed",
        "warnings": "[Warning]",
        **NAMES,
    },
    "Hold": _HOLD,
    "PausedLane": {**_HOLD, "deaf": "[text]"},
    "PausedMethod": {"site": "text?", "method": "text", **_HOLD},
    "Duty": {
        "key": "text",
        "at": "time",
        "by": "text",
        "site": "text?",
        "took_s": "number",
        "failures": "whole",
        "error": "text",
    },
    "Counts": dict.fromkeys(
        ("queued", "started", "failed", "finished", "deferred", "scheduled", "canceled", "dead"), "whole"
    ),
    "Lane": {
        "name": "text",
        "label": "text",
        "counts": "Counts",
        "workers": dict.fromkeys(("busy", "idle", "draining", "quiet"), "whole"),
        "paused": "PausedLane?",
        "oldest_wait_s": "number?",
        "oldest_wait_at_least": "flag",
        "drain_s": "number?",
        **dict.fromkeys(("running", "head", "parked", "failures"), "[Job]"),
        **dict.fromkeys(("running_left_over", "running_elsewhere", "head_elsewhere", "failures_elsewhere"), "whole"),
        "parked_at_least": "flag",
    },
    "Worker": {
        "name": "text",
        "label": "text",
        "state": "text",
        "queues": "[text]",
        "job_id": "text?",
        "host": "text?",
        "pid": "whole?",
        "heartbeat_age_s": "number?",
        "born_at": "time?",
        **dict.fromkeys(("rq_version", "python_version"), "text?"),
        **dict.fromkeys(("rss_bytes", "horse_rss_bytes"), "whole?"),
        "round_trip_s": "number?",
        "draining_since": "time?",
        "unregistered": "flag",
        "elsewhere": "flag",
        "gone": "text?",
        "quiet": "Hold?",
        "obeys": "flag",
    },
    "Surveyed": {
        **dict.fromkeys(("seen", "of", "by_sweeps", "unsure"), "whole"),
        "share": "number?",
        "swept_at": "time?",
        "whole_at": "time?",
        "whole_by_sweeps": "flag",
        "text": "text",
    },
    "Remedy": {"action": "text", "label": "text", "explain": "text", "safe": "flag"},
    "Warning": {
        "id": "text",
        "code": "text",
        "severity": "text",
        **dict.fromkeys(("queue", "job_id", "worker", "site"), "text?"),
        "since": "time?",
        "evidence": "object",
        "message": "text",
        "remedies": "[Remedy]",
        **_SILENCE,
    },
    "Warnings": {"warnings": "[Warning]", "surveyed": "Surveyed", **NAMES},
    "Silenced": {"warning": "text", "code": "text", **_SILENCE, **NAMES},
    "AboutWarning": {**dict.fromkeys(("code", "title", "true", "known", "do"), "text"), **NAMES},
}

SCHEMAS: Mapping[str, Mapping[str, Type]] = {
    **_OF_THE_BENCH,
    **{
        name: {**fields, **NAMES} if name.endswith("Answer") else fields
        for name, fields in {**OF_JOBS, **OF_SCHEDULES, **OF_OPERATIONS, **OF_HISTORY}.items()
    },
}

#: By call.
ANSWERS: Mapping[str, str] = {
    "snapshot": "Snapshot",
    "warnings": "Warnings",
    "about_warning": "AboutWarning",
    "silence_warning": "Silenced",
    "jobs": "PageAnswer",
    "failure_jobs": "PageAnswer",
    "search": "SliceAnswer",
    "complete_query": "CompletionAnswer",
    "waiting": "WaitingAnswer",
    "show": "JobAnswer",
    "explain": "ExplanationAnswer",
    "where": "WhereAnswer",
    "profile": "ProfileAnswer",
    "log": "LogAnswer",
    "failures": "FailuresAnswer",
    "metrics_history": "MetricsHistoryAnswer",
    "moment": "MomentAnswer",
    "weekly_report": "WeeklyReportAnswer",
    "what_if": "WhatIfAnswer",
    "retry_group": "CanaryAnswer | ResultsAnswer",
    "cancel_canary": "CanaryAnswer",
    "audit": "AuditAnswer",
    "locks": "LocksAnswer",
    "lock": "LockAnswer | OtherLockAnswer",
    "release_lock": "ReleasedAnswer",
    "extend_lock": "ExtendedAnswer",
    "schedule": "SchedulesAnswer",
    "schedule_preview": "CronAnswer",
    "schedule_day": "DayAnswer",
    "drain": "DrainAnswer",
    "mend": "MendedAnswer",
    "bulks": "BulksAnswer",
    **dict.fromkeys(("open_incidents", "acknowledge"), "IncidentsAnswer"),
    **dict.fromkeys(("views", "save_view", "delete_view"), "ViewsAnswer"),
    **dict.fromkeys(("start_bulk", "step_bulk", "cancel_bulk", "undo_bulk"), "BulkAnswer"),
    **dict.fromkeys(("act", "retry_edited", "remedy", "operate"), "ResultsAnswer"),
}
