"""What sweeps leave to each other in Redis, whichever process sweeps next: one small hash, read with each snapshot."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from . import keys, limits
from .link import Pipeline
from .models import DutyRecord
from .records import moment, text


def ask(pipeline: Pipeline, queue_prefix: str) -> None:
    pipeline.hgetall(keys.sweep(queue_prefix))


def duties(answer: Any) -> tuple[DutyRecord, ...]:
    fields: Mapping[Any, Any] = answer if isinstance(answer, dict) else {}
    found = (_record(text(name) or "", value) for name, value in fields.items())
    return tuple(sorted(filter(None, found), key=lambda record: record.key))


def write_duties(
    pipeline: Pipeline, queue_prefix: str, records: Iterable[DutyRecord], known: Iterable[DutyRecord]
) -> None:
    """Queue the writes; of the `known` ones those are dropped that nobody has done for long (a site that is gone)."""
    name, records = keys.sweep(queue_prefix), list(records)
    pipeline.hset(name, mapping={each.key: json.dumps({**asdict(each), "at": each.at.isoformat()}) for each in records})
    pipeline.expire(name, round(limits.SWEEP_KEPT_S))
    now = max(each.at for each in records)
    old = [each.key for each in known if now - each.at > timedelta(seconds=limits.SWEEP_KEPT_S)]
    if old:
        pipeline.hdel(name, *old)


def _record(key: str, value: Any) -> DutyRecord | None:
    """None: not one of ours."""
    try:
        said = json.loads(value)
        at = moment(said["at"])
        if not isinstance(at, datetime):
            return None
        return DutyRecord(
            key, at, str(said["by"]), said.get("site"), float(said["took_s"]), int(said["failures"]), str(said["error"])
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
