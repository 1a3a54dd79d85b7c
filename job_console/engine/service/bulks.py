"""What a viewer does to all jobs of a query: begun, gone on with, canceled, undone, and how far each is."""

from __future__ import annotations

from uuid import uuid4

from ..errors import BadRequest
from ..jobs import bulk, bulk_store, query_text
from ..messages import _
from ..models.bulk import Bulk, BulkAction
from ..redis.link import reaching_redis
from ..wire import Json, bulk_json
from .context import Context, full_name


class Bulks:
    def __init__(self, context: Context) -> None:
        self._context = context

    def start(self, action: str, q: str, reason: str = "", to: str | None = None) -> Json:
        """Begin one; `go_on` does it. Raises Forbidden, BadRequest."""
        self._context.require_act()
        engine, viewer, bench = self._context.engine, self._context.viewer, self._context.look().bench
        target = full_name(bench, to) if to else None
        asked = BulkAction(uuid4().hex[:12], action, q.strip(), viewer.name, viewer.site, reason.strip(), target)
        with reaching_redis():
            return self._said(bulk.start(engine.redis, bench, asked))

    def go_on(self, bulk_id: str) -> Json:
        """Work at it for a second at most. Raises Forbidden, BadRequest."""
        self._context.require_act()
        engine, look = self._context.engine, self._context.look()
        with self._context.changing():
            found = self._found(bulk_id)
            redact = self._context.view(look.bench).redaction_for
            query = query_text.read(found.asked.q, found.started_at, redact)
            return self._said(bulk.step(engine.redis, engine.reader, look.bench, found, query))

    def cancel(self, bulk_id: str) -> Json:
        """What is done is done, the rest is left. Raises Forbidden, BadRequest."""
        self._context.require_act()
        with reaching_redis():
            return self._said(
                bulk.cancel(self._context.engine.redis, self._found(bulk_id), self._context.look().bench.at)
            )

    def undo(self, bulk_id: str) -> Json:
        """Begin to undo what has not started since. Raises Forbidden, BadRequest."""
        self._context.require_act()
        redis, now = self._context.engine.redis, self._context.look().bench.at
        with reaching_redis():
            return self._said(bulk.undo(redis, self._found(bulk_id), self._context.viewer.name, now))

    def all(self) -> Json:
        """Those of the last day that this viewer may see, the newest first."""
        with reaching_redis():
            found = bulk_store.listed(self._context.engine.redis)
        return {"bulks": [self._said(each) for each in found if self._may_see(each)]}

    def _found(self, bulk_id: str) -> Bulk:
        found = bulk_store.read(self._context.engine.redis, bulk_id)
        if found is None or not self._may_see(found):
            raise BadRequest(_("There is no such bulk action: it ended more than a day ago, or never was."))
        return found

    def _may_see(self, found: Bulk) -> bool:
        return self._context.scope.site in (None, found.asked.site)

    def _said(self, found: Bulk) -> Json:
        return bulk_json(found, self._context.redaction.text)
