"""What a viewer sees of a moment of the last week: what they may see now, by the same code, and nothing to act on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ..errors import BadRequest
from ..messages import _
from ..past import limits, picture
from ..past.pictures import Found
from ..redis.link import if_allowed, reaching_redis
from ..watch.watch import Look
from ..wire import Json
from ..wire.past import moment_json
from .context import Context, parse_time
from .marks import Marks
from .snapshot import snapshot_of


class Past:
    def __init__(self, context: Context) -> None:
        self._context = context

    def moment(self, at: str | None = None) -> Json:
        """The bench as it was then (now, if it is not said), and of which moments there are pictures.

        `at`: ISO 8601, of the last week. Raises BadRequest.
        """
        now = self._context.look().bench.at
        asked = parse_time(at) or now
        since = now.timestamp() - limits.KEPT_S
        if not since - limits.SHOWN_S <= asked.timestamp():
            raise BadRequest(_("Pictures are kept for a week: there is none of that time."))
        found = self._found(asked, now)
        marks, _left_out = Marks(self._context).between(since, now.timestamp() + 1)
        return moment_json(asked, now, found, self._snapshot(found), marks)

    def _found(self, asked: datetime, now: datetime) -> Found:
        read = self._context.engine.pictures.read
        with reaching_redis():
            found = if_allowed(lambda: read(asked.timestamp(), now.timestamp()))
        return found or Found()

    def _snapshot(self, found: Found) -> Json | None:
        """As a look of now would be shown to somebody who may not act."""
        then = picture.read(found.text) if found.text else None
        if then is None:
            return None
        viewer = replace(self._context.viewer, may_act=False)
        context = Context(self._context.engine, viewer, self._context.redaction)
        return snapshot_of(context, Look(then.bench, then.warnings))
