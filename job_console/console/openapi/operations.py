"""Answers about locks, and about what was done; see `jobs`."""

from __future__ import annotations

from collections.abc import Mapping

from .notation import Type

_WHO = {
    **dict.fromkeys(("job_id", "method", "worker", "host", "user", "site"), "text?"),
    "pid": "whole?",
    "thread": "whole?",
}
_BULK: Mapping[str, Type] = {
    **dict.fromkeys(("id", "action", "q", "by", "reason", "state", "error"), "text"),
    **dict.fromkeys(("site", "undoes", "undo"), "text?"),
    "started_at": "time",
    "ended_at": "time?",
    **dict.fromkeys(("scanned", "of", "matched", "tried", "limit", "undoable"), "whole"),
    "cut": "flag",
    "kinds": "[BulkKind]",
}
_RESULT = {"job_id": "text", "ok": "flag", "state_before": "text", "state_after": "text", "reason": "text"}
_LOCK: Mapping[str, Type] = {
    "key": "text",
    "site": "text?",
    "state": "text",
    "slots": "whole?",
    "holder": "LockHolder?",
    "holders": "[LockHolder]",
    "holders_total": "whole",
    "fence": "whole",
    "acquired_at": "time?",
    "expires_in_s": "number?",
    "waiters": "[LockWaiter]",
    "waiters_at_least": "flag",
    **dict.fromkeys(("acquired", "contended", "gave_up", "lapsed", "forced"), "whole"),
    "longest_hold_s": "number",
    "last_holders": "[PastHolder]",
}
_DRAINED: Mapping[str, Type] = {"job_id": "text?", "label": "text?", "queue": "text", "worker": "text?"}
_OTHER_LOCK: Mapping[str, Type] = {
    **dict.fromkeys(("key", "kind", "name", "state", "says"), "text"),
    "site": "text?",
    "since": "time?",
    "age_s": "number?",
    "owner": "object?",
    "document": "[text]?",
}

SCHEMAS: Mapping[str, Mapping[str, Type]] = {
    "ResultsAnswer": {"results": "[Result]"},
    "Result": {**_RESULT, "new_job_id": "text?"},
    "MendedAnswer": {"dry_run": "flag", "results": "[MendedResult]", "left": "[Warning]", "surveyed": "Surveyed"},
    "MendedResult": {
        **_RESULT,
        "job_id": "text?",
        **dict.fromkeys(("code", "action", "label"), "text"),
        "queue": "text?",
        "lock": "text?",
    },
    "IncidentsAnswer": {"incidents": "[Incident]"},
    "Incident": {
        **dict.fromkeys(("name", "severity", "code", "message", "status"), "text"),
        "jobs": "whole",
        **dict.fromkeys(("opened", "last_seen"), "time"),
        **dict.fromkeys(("resolved", "acknowledged"), "time?"),
        **dict.fromkeys(("queue", "method", "job_id", "worker", "how", "acknowledged_by", "after"), "text?"),
    },
    "ViewsAnswer": {"views": "[SavedView]", "may_share": "flag"},
    "SavedView": {
        **dict.fromkeys(("id", "name", "q", "owner"), "text"),
        "sort": "text?",
        "at": "time",
        **dict.fromkeys(("shared", "may_delete"), "flag"),
    },
    "AuditAnswer": {"total": "whole", "entries": "[AuditEntry]"},
    "AuditEntry": {
        **dict.fromkeys(("actor", "action"), "text"),
        **_RESULT,
        "queue": "text?",
        "site": "text?",
        "detail": "text",
        "method": "text",
        "at": "time?",
    },
    "Bulk": _BULK,
    "BulkAnswer": _BULK,
    "BulksAnswer": {"bulks": "[Bulk]"},
    "BulkKind": {"ok": "flag", "state": "text", "reason": "text", "count": "whole"},
    "DrainAnswer": {
        "suspension": "Hold?",
        "draining": "flag",
        "safe": "flag",
        "text": "text",
        "safe_in_s": "number?",
        "safe_within_s": "number?",
        "blocks": "[DrainBlock]",
        "blocks_total": "whole",
        "blocks_at_least": "flag",
        "lost": "[DrainLost]",
        "nameless": "[text]",
        "deaf": "[text]",
        "waiting": "whole",
    },
    "DrainLost": _DRAINED,
    "DrainBlock": {
        **_DRAINED,
        "taken": "flag",
        **dict.fromkeys(("ran_s", "left_s", "most_s"), "number?"),
    },
    "Lock": _LOCK,
    "LockAnswer": _LOCK,
    "LockHolder": {
        **_WHO,
        "since": "time",
        "held_s": "number",
        "token": "whole",
        "expires_in_s": "number?",
        "ttl_s": "number",
        "shared": "flag",
    },
    "LockWaiter": {**_WHO, "since": "time", "waited_s": "number", "shared": "flag"},
    "PastHolder": {**_WHO, "since": "time", "ended_at": "time", "held_s": "number", "how": "text", "token": "whole"},
    "OtherLock": _OTHER_LOCK,
    "OtherLockAnswer": _OTHER_LOCK,
    "LockWait": {"waiter": "object", "holder": "object", "lock": "text", "since": "time", "in_line": "flag"},
    "Deadlock": {"edges": "[LockWait]", "victim": "object", "lock": "text", "since": "time"},
    "LocksAnswer": {
        "at": "time",
        "locks": "[Lock]",
        "locks_at_least": "flag",
        "waits": "[LockWait]",
        "deadlocks": "[Deadlock]",
        "others": "[OtherLock]",
        "others_at_least": "flag",
    },
    "ReleasedAnswer": {"lock": "Lock", "released": "whole"},
    "ExtendedAnswer": {"lock": "Lock", "extended": "whole"},
}
