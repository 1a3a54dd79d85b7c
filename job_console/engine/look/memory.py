"""State that one sweep hands to the next, in whatever process: one small hash in Redis, read with each snapshot."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, astuple, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ..models import limits as models_limits
from ..models import recent_workers
from ..models.sweeps import Claim, DutyRecord, Lost, Memory, Surveyed
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined, raise_first, refuses_writes
from ..rq.records import moment, text
from ..schedule import limits as schedule_limits
from . import limits

#: The field of what the last sweep saw; the other fields are keys of duties.
_SEEN = b":seen"
#: The field of what is known of the bench for longer (recent workers, data loss, the number of sweeps).
_BENCH = b":bench"


def ask(pipeline: Pipeline, queue_prefix: str) -> None:
    pipeline.hgetall(keys.sweep(queue_prefix))


def read(answer: Any, now: datetime) -> tuple[tuple[DutyRecord, ...], Memory]:
    """Read the hash. A field that is not ours, or is too old, is skipped."""
    fields: dict[Any, Any] = dict(answer) if isinstance(answer, dict) else {}
    memory = _of_the_bench(_memory(fields.pop(_SEEN, None), now), fields.pop(_BENCH, None))
    found = (_record(text(name) or "", value) for name, value in fields.items())
    return tuple(sorted(filter(None, found), key=lambda record: record.key)), memory


def write(redis: Redis, queue_prefix: str, memory: Memory, now: datetime) -> None:
    """Write the state in one round trip. Of more than `PROOF_FINDINGS` findings the oldest are kept."""
    oldest = sorted(memory.first_seen.items(), key=lambda pair: pair[1])[: limits.PROOF_FINDINGS]
    plain = {
        "at": now.timestamp(),
        "first_seen": {key: at.timestamp() for key, at in oldest},
        "cursor": memory.cursor,
        "suspects": [astuple(claim) for claim in memory.suspects],
        "surveyed": _surveyed(memory.surveyed),
    }
    pipeline = pipelined(redis)
    pipeline.hset(keys.sweep(queue_prefix), _SEEN, json.dumps(plain))
    pipeline.hset(keys.sweep(queue_prefix), _BENCH, json.dumps(_bench(memory)))
    pipeline.expire(keys.sweep(queue_prefix), round(limits.SWEEP_KEPT_S))
    # A server that takes no writes: each process remembers on its own then.
    raise_first(pipeline.execute(raise_on_error=False), unless=refuses_writes)


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
        plain = json.loads(value)
        at = moment(plain["at"])
        if not isinstance(at, datetime):
            return None
        return DutyRecord(
            key,
            at,
            str(plain["by"]),
            plain.get("site"),
            float(plain["took_s"]),
            int(plain["failures"]),
            str(plain["error"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _bench(memory: Memory) -> dict[str, Any]:
    lost = memory.lost
    return {
        "sweeps": memory.sweeps,
        "crew": [recent_workers.as_json(each) for each in memory.recent_workers],
        "lost": [lost.at.timestamp(), lost.jobs, lost.seen_at.timestamp()] if lost else None,
    }


def _of_the_bench(memory: Memory, value: Any) -> Memory:
    try:
        plain = json.loads(value)
        found = tuple(recent_workers.from_json(each) for each in plain["crew"][: models_limits.RECENT_WORKERS])
        lost = None
        if plain["lost"] is not None:
            at, jobs, seen_at = plain["lost"]
            lost = Lost(_utc(at), int(jobs), _utc(seen_at))
        return replace(memory, recent_workers=found, lost=lost, sweeps=int(plain["sweeps"]))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
        return memory


def _utc(seconds: Any) -> datetime:
    return datetime.fromtimestamp(float(seconds), timezone.utc)


def _memory(value: Any, now: datetime) -> Memory:
    try:
        plain = json.loads(value)
        if not 0 <= now.timestamp() - float(plain["at"]) <= schedule_limits.PROOF_FORGET_S:
            return Memory()
        seen = {str(key): datetime.fromtimestamp(float(at), timezone.utc) for key, at in plain["first_seen"].items()}
        suspects = tuple(Claim(*map(str, claim)) for claim in plain["suspects"][: limits.SUSPECTS])
        surveyed = _read_surveyed(plain.get("surveyed"))
        # Of one that does not say how far it came, nobody could tell when a round from its place on is whole.
        return Memory(seen, int(plain["cursor"]) if surveyed else 0, suspects, surveyed or Surveyed())
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
        return Memory()


def _surveyed(found: Surveyed) -> list[float | None]:
    times = (found.swept_at, found.whole_at)
    return [found.seen, *(at.timestamp() if at else None for at in times)]


def _read_surveyed(plain: Any) -> Surveyed | None:
    if not plain:
        return None
    seen, swept_at, whole_at = plain
    whole = _utc(whole_at) if whole_at is not None else None
    at = _utc(swept_at) if swept_at is not None else None
    return Surveyed(seen=int(seen), by_sweeps=int(seen), swept_at=at, whole_at=whole, whole_by_sweeps=whole is not None)
