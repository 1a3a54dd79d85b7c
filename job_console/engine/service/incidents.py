"""Incidents of a whole bench, for hosts that have no site's documents to write them into."""

from __future__ import annotations

from ..errors import BadRequest
from ..messages import _
from ..redis import keys
from ..redis.link import reaching_redis
from ..watch import incident_log
from ..watch.watch import Look
from ..wire import Json
from .context import Context
from .marks import Marks
from .warnings import Warnings


class Incidents:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._redis = context.engine.redis
        self._key = keys.incident_log(context.engine.watch.queue_prefix)

    def all(self) -> Json:
        """The open ones, and those that ended on the last day."""
        with reaching_redis():
            found = incident_log.read(self._redis, self._key)
        causes = Marks(self._context).before(each.opened for each in found)
        return {
            "incidents": [{**each.to_json(), "after": said} for each, said in zip(found, causes, strict=True)],
        }

    def acknowledge(self, name: str) -> Json:
        """Say that somebody looks after it. Raises Forbidden, BadRequest."""
        self._context.require_act()
        now, person = self._context.look().bench.at, self._context.viewer.name
        with reaching_redis():
            if not incident_log.acknowledge(self._redis, self._key, name, person, now):
                raise BadRequest(_("This incident is not open any more."))
        return self.all()

    def write_down(self, look: Look) -> None:
        """A duty of the sweep: opens, goes on with and ends them, by what this look has found."""
        troubles = Warnings(self._context).troubles(look)
        incident_log.write_down(self._redis, self._key, troubles, look.bench.at)
