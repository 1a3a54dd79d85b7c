"""Why a run failed of which RQ says that it finished: Frappe's wrapper of scheduled jobs swallows what they raise."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from ..models.jobs import Failure
from ..redis import keys
from ..redis.link import Pipeline
from . import limits, records


def remember(pipeline: Pipeline, job_id: str, started_at: datetime, traceback: str) -> None:
    """As long as RQ keeps failures. Schedules use their ids again, so there is one of each at most."""
    plain = {"started_at": started_at.timestamp(), "traceback": traceback[-limits.TRACEBACK_CHARS :]}
    pipeline.set(keys.hidden_failure(job_id), json.dumps(plain), ex=limits.FAILURES_TTL_S)


def read(value: Any, started_at: datetime | None) -> Failure | None:
    """Of the run that began then. None: it ended well, as far as is known."""
    if value is None or started_at is None:
        return None
    try:
        plain = json.loads(value)
        same_run = abs(float(plain["started_at"]) - started_at.timestamp()) < 0.001
        return records.parse_traceback(str(plain["traceback"])) if same_run else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
