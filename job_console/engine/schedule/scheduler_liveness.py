"""Whether the process of a bench's scheduler is alive, judged by its lock on a file.

That nobody holds the lock on this host proves nothing: the scheduler may run on another host, or in another container.
That it was held on this host, and is not any more, does. Every sweep on that host that knows the bench's folder looks:
the desk, the reader process of the host (`duty_thread`), the scheduler itself, `job-console watch`.

While a scheduler restarts, nobody holds the lock until Frappe is loaded. The new process is visible much earlier: when
there is no process that could be about to take the lock, the scheduler is called gone at once.

Frappe's own check takes the lock for a moment; a scheduler that starts at that moment takes itself for the second one
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
    """Publish whether this host's lock is held for the scheduler of these sites. Two round trips.

    `held` None: it is not known; `comes`: there is a process that may be about to take the lock, None: not looked for.
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
    """Put the write on the pipeline. `published`: all that is known. Nothing is written for a host on which the lock
    was never held; old entries are removed.
    """
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
    """Remove the entries of a site. `published`: all that is known."""
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
    """Whether the lock is held on after a restart: the time since when it is held is kept then."""
    gap_s = (now - (before.gone_at or before.held_at)).total_seconds()
    return gap_s < (limits.SCHEDULER_GONE_S if before.gone_at else limits.PROOF_FORGET_S)


def runs_since(schedule: Schedule) -> datetime | None:
    """Since when the scheduler runs, restarts included; no tick is expected before. None: it is not known."""
    return max((each.since for each in schedule.sights if each.since), default=None)


def read(published: Mapping[Any, Any]) -> dict[str, tuple[Sight, ...]]:
    """Read the answer of HGETALL, by site. Entries that are not ours are skipped."""
    found: dict[str, tuple[Sight, ...]] = {}
    for field, value in published.items():
        site, _bar, host = (text(field) or "").partition("|")
        sight = _from_text(host, text(value) or "")
        if sight is not None:
            found[site] = (*found.get(site, ()), sight)
    return {site: tuple(sorted(sights, key=lambda each: each.host)) for site, sights in found.items()}


def gone(schedule: Schedule, now: datetime) -> Sight | None:
    """The host on which the scheduler ran, when it has been gone for longer than a restart takes. None: it is not known
    to be gone, or another one works (its lock is held elsewhere, or it has ticked since).
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
