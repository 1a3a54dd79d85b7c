"""What is remembered of a job's attempts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ..messages import pack, unpack
from ..models.retries import Tries, Try
from ..rq.records import from_score, moment, number, text

#: What becomes of a job whose attempt failed: it comes again, is out of attempts, or waits for a person's decision.
AGAIN, GAVE_UP, ASKS = "again", "gave_up", "asks"


def attempt(tries: Tries, status: str) -> int:
    """Which attempt a job in this state is at, from 1: the last one that failed, or the next."""
    return tries.failed if status == "failed" else tries.failed + 1


def of_run(tries: Tries, started_at: datetime | None) -> bool:
    """Whether this decision is about the run that started at `started_at`, and not about an earlier one."""
    return tries.run == stamp(started_at)


def stamp(when: datetime | None) -> str:
    """As RQ writes times, so that they compare as text. RQ 1 reads them without a zone; they are UTC."""
    if when is None:
        return ""
    aware = when if when.tzinfo else when.replace(tzinfo=timezone.utc)
    return aware.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def to_json(tries: Tries) -> str:
    return json.dumps(
        {
            "born": tries.born,
            "run": tries.run,
            "failed": tries.failed,
            "of": tries.of,
            "then": tries.then,
            "why": pack(tries.why),
            "policy": tries.policy,
            "circuit": tries.circuit,
            "next_at": tries.next_at.timestamp() if tries.next_at else None,
            "history": [
                {
                    "at": each.at.timestamp() if each.at else None,
                    "type": each.type,
                    "message": each.message,
                    "lost": each.lost,
                    "started_at": stamp(each.started_at),
                }
                for each in tries.history
            ],
        }
    )


def from_json(value: Any, created_at: datetime | None) -> Tries | None:
    """The attempts of the job that was created at `created_at`. None: nothing is recorded, or only of an earlier job
    with the same id.
    """
    try:
        plain = json.loads(value or b"null")
        if not plain or plain["born"] != stamp(created_at):
            return None
        return Tries(
            born=str(plain["born"]),
            run=str(plain["run"]),
            failed=int(plain["failed"]),
            of=int(plain["of"]),
            then=str(plain["then"]),
            why=unpack(plain["why"]),
            policy=str(plain["policy"]),
            circuit=str(plain.get("circuit") or ""),
            next_at=from_score(number(plain["next_at"])),
            history=tuple(_try(each) for each in plain["history"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None  # ours, but anybody may write to Redis


def _try(plain: Mapping[str, Any]) -> Try:
    return Try(
        at=from_score(number(plain["at"])),
        type=text(plain["type"]) or "",
        message=text(plain["message"]) or "",
        lost=bool(plain["lost"]),
        started_at=moment(plain["started_at"]),
    )
