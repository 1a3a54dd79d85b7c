"""What was changed on the bench and on the viewer's site, and when: for charts and incidents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ..history import limits, mark_words, marks
from ..history.marks import Mark
from ..messages import Message
from ..redis.link import if_allowed, reaching_redis
from .context import Context


class Marks:
    def __init__(self, context: Context) -> None:
        self._context = context

    def between(self, since: float, until: float, site: str | None = None) -> tuple[list[Mark], int]:
        """Those of the bench, and of this viewer's site; of a viewer of the whole bench those of every site, or of
        `site`; and how many more there were, which tell less."""
        found = self._read(since, until, site)
        told = marks.telling(found)
        return told, len(found) - len(told)

    def before(self, moments: Iterable[datetime | None]) -> list[Message | None]:
        """For what began at each of these: what was changed shortly before. One round trip, however many they are."""
        times = [moment.timestamp() if moment else None for moment in moments]
        known = [time for time in times if time is not None]
        if not known:
            return [None for _time in times]
        found = self._read(min(known) - limits.MARK_BEFORE_S, max(known) + 1, None)
        return [_before(found, time) for time in times]

    def _read(self, since: float, until: float, site: str | None) -> list[Mark]:
        engine, own = self._context.engine, self._context.scope.site or site
        sites = [own] if own else sorted(self._context.look().bench.schedules)
        with reaching_redis():
            return if_allowed(lambda: marks.read(engine.redis, engine.watch.queue_prefix, sites, since, until)) or []


def _before(found: list[Mark], time: float | None) -> Message | None:
    mark = marks.before(found, time) if time is not None else None
    return mark_words.began_after(mark, time) if mark and time is not None else None
