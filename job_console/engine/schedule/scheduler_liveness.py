"""The process of a bench's scheduler, by its lock on a file: it lives on this host, or is gone since then.

That nobody holds the lock proves nothing: the scheduler may run on another host, or in another container. That it was
held on this host and is not any more does. Whoever sweeps on that host, and knows the bench's folder, looks: the desk,
the jobs' process of the host (`duty_thread`), the scheduler itself, `job-console watch`.

While a scheduler is restarted nobody holds the lock for as long as it takes to load Frappe. Its process is there much
sooner: where none is seen that could be about to take the lock, nobody waits for that.

Frappe's own probe takes the lock for a moment, and a scheduler that starts just then takes itself for the second one
and ends. So the kernel's list of locks is read instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ..models.schedule import Schedule, Sight
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined, reaching_redis
from ..rq.records import text
from . import limits


def see(redis: Redis, sites: Iterable[str], host: str, held: bool | None, comes: bool | None = None) -> None:
    """Write down what this host's lock says of these sites' scheduler. Two round trips.

    `comes`: a process was seen that may be about to take it. None: nobody looked for one.
    """
    if held is None:
        return
    with reaching_redis():
        pipeline = pipelined(redis)
        pipeline.time()
        pipeline.hgetall(keys.SCHEDULER_PROCESSES)
        (seconds, microseconds), published = pipeline.execute()
        now = datetime.fromtimestamp(seconds + microseconds / 1e6, timezone.utc)
        pipeline = pipelined(redis)
        for site in sites:
            note(pipeline, published, site, host, held, now, comes)
        pipeline.execute()


def note(
    pipeline: Pipeline,
    published: Mapping[Any, Any],
    site: str,
    host: str,
    held: bool,
    now: datetime,
    comes: bool | None = None,
) -> None:
    """`said`: all that is known. For a host where it was never held nothing is written; old entries are removed."""
    known = read(published)
    before = next((each for each in known.get(site, ()) if each.host == host), None)
    found = _seen(before, host, held, now, comes)
    if found is not None:
        pipeline.hset(keys.SCHEDULER_PROCESSES, _field(site, host), _to_text(found))
        pipeline.expire(keys.SCHEDULER_PROCESSES, limits.SCHEDULE_TTL_S)
    oldest = now - timedelta(seconds=limits.SCHEDULE_TTL_S)
    old = [_field(of, each.host) for of, sights in known.items() for each in sights if each.seen_at < oldest]
    if old:
        pipeline.hdel(keys.SCHEDULER_PROCESSES, *old)


def forget(pipeline: Pipeline, published: Mapping[Any, Any], site: str) -> None:
    """`said`: all that is known."""
    fields = [_field(site, each.host) for each in read(published).get(site, ())]
    if fields:
        pipeline.hdel(keys.SCHEDULER_PROCESSES, *fields)


def _seen(before: Sight | None, host: str, held: bool, now: datetime, comes: bool | None = None) -> Sight | None:
    if held:
        return Sight(host, now, None, now, before.since if before and _goes_on(before, now) else now)
    if before is None:
        return None
    nobody_at = before.nobody_at if comes is None else None if comes else now
    return Sight(host, before.held_at, before.gone_at or now, now, before.since, nobody_at)


def _goes_on(before: Sight, now: datetime) -> bool:
    """One that a supervisor starts again and again does not begin anew each time."""
    gap_s = (now - (before.gone_at or before.held_at)).total_seconds()
    return gap_s < (limits.SCHEDULER_GONE_S if before.gone_at else limits.PROOF_FORGET_S)


def runs_since(schedule: Schedule) -> datetime | None:
    """Its first tick is not to be expected before; None: it is not known. Also in the gap that a restart makes."""
    return max((each.since for each in schedule.sights if each.since), default=None)


def read(published: Mapping[Any, Any]) -> dict[str, tuple[Sight, ...]]:
    """By site; what is none of ours is left out."""
    found: dict[str, tuple[Sight, ...]] = {}
    for field, value in published.items():
        site, _bar, host = (text(field) or "").partition("|")
        sight = _from_text(host, text(value) or "")
        if sight is not None:
            found[site] = (*found.get(site, ()), sight)
    return {site: tuple(sorted(sights, key=lambda each: each.host)) for site, sights in found.items()}


def gone(schedule: Schedule, now: datetime) -> Sight | None:
    """Where the scheduler was, and is not any more for longer than a restart takes; None: it is not known to be gone.

    Not when another one is at work: its lock is held elsewhere, or it has ticked since.
    """
    lately = now - timedelta(seconds=limits.TICKING_TICKS * schedule.tick_s)
    lost = [each for each in schedule.sights if _is_gone(each, now)]
    last = max(lost, key=lambda each: each.held_at, default=None)
    if last is None or last.gone_at is None:
        return None
    held_elsewhere = any(each.gone_at is None and each.held_at >= min(lately, last.gone_at) for each in schedule.sights)
    ticked_at = schedule.ticked_at if schedule.tells_ticks else None
    came_by = ticked_at is not None and ticked_at > last.gone_at and ticked_at >= lately
    return None if held_elsewhere or came_by else last


def _is_gone(sight: Sight, now: datetime) -> bool:
    if sight.gone_at is None or (now - sight.seen_at).total_seconds() > limits.SCHEDULER_SEEN_S:
        return False  # it may have been started again since
    alone_s = (sight.nobody_at - sight.gone_at).total_seconds() if sight.nobody_at else 0.0
    away_s = (sight.seen_at - sight.gone_at).total_seconds()
    return alone_s >= limits.SCHEDULER_ALONE_S or away_s >= limits.SCHEDULER_GONE_S


def with_sights(schedules: Iterable[Schedule], known: Mapping[str, tuple[Sight, ...]]) -> dict[str, Schedule]:
    return {each.site: replace(each, sights=known.get(each.site, ())) for each in schedules}


def _field(site: str, host: str) -> str:
    return f"{site}|{host}"


def _to_text(sight: Sight) -> str:
    moments = (sight.held_at, sight.gone_at, sight.seen_at, sight.since, sight.nobody_at)
    return ",".join(f"{moment.timestamp():.3f}" if moment else "" for moment in moments)


def _from_text(host: str, value: str) -> Sight | None:
    try:
        held, lost, seen, since, nobody = (
            datetime.fromtimestamp(float(each), timezone.utc) if each else None for each in value.split(",")
        )
    except (ValueError, OverflowError, OSError):
        return None
    return Sight(host, held, lost, seen, since, nobody) if held and seen else None
