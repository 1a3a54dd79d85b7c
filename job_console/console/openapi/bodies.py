"""What acting calls take, in the notation of `notation`; what a caller may leave out ends in `?`."""

from __future__ import annotations

from collections.abc import Mapping

_OF_A_BULK = {"bulk": "text"}

BODIES: Mapping[str, Mapping[str, str]] = {
    "act": {
        "action": "text",
        "job_ids?": "[text]?",
        "reason?": "text?",
        "to?": "text?",
        "queue?": "text?",
        "started_at?": "text?",
    },
    "retry_edited": {"job_id": "text", "changes": "object", "reason?": "text"},
    "mend": {"dry_run?": "flag", "code?": "text?"},
    "remedy": {"warning": "text", "action": "text", "reason?": "text"},
    "silence_warning": {"warning": "text", "how?": "text", "seconds?": "number?", "reason?": "text"},
    "release_lock": {"key": "text", "reason": "text", "fence?": "whole?"},
    "extend_lock": {"key": "text", "seconds?": "number", "reason?": "text", "fence?": "whole?"},
    "operate": {"action": "text", "target?": "text?", "seconds?": "number?", "reason?": "text?", "to?": "text?"},
    "retry_group": {
        "group": "text",
        "canary?": "flag",
        "rate?": "number",
        "stop_at?": "whole",
        "reason?": "text?",
        "queue?": "text?",
        "site?": "text?",
    },
    "cancel_canary": {"canary": "text", "reason?": "text"},
    "start_bulk": {"action": "text", "q": "text", "reason?": "text?", "to?": "text?"},
    "step_bulk": _OF_A_BULK,
    "cancel_bulk": _OF_A_BULK,
    "undo_bulk": _OF_A_BULK,
    "acknowledge": {"incident": "text"},
    "save_view": {"name": "text", "q": "text", "sort?": "text?", "shared?": "flag"},
    "delete_view": {"view": "text"},
}
