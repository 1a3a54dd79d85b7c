"""Schedules as a viewer may see them: what is due, how the last runs ended, and where runs collide."""

from __future__ import annotations

from ..schedule import queries
from ..wire import Json
from .context import Context


class Schedules:
    def __init__(self, context: Context) -> None:
        self._context = context

    def all(self, site: str | None = None) -> Json:
        """What is due next and how the last runs ended: of this site, or of every site that published its schedules."""
        return queries.look(self._context.engine.redis, self._context.look().bench, self._context.viewer.site or site)

    def preview(self, cron: str, site: str | None = None) -> Json:
        """What a cron expression says, its next ten runs on a site, and what is wrong with it, and where."""
        return queries.preview(self._context.look().bench, self._context.viewer.site or site, cron)

    def day(self) -> Json:
        """The next 24 hours of the lanes: who will run when on which worker, and where too much comes together."""
        return queries.day(self._context.engine.redis, self._context.look().bench, self._context.viewer.site)

    def quieter(self) -> Json:
        """Quieter minutes for this site's schedules, and the difference that they would make. Changes nothing."""
        return queries.quieter(self._context.engine.redis, self._context.look().bench, self._context.viewer.site)
