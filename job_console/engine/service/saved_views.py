"""The views of Jobs that a viewer has saved, and those that are shared."""

from __future__ import annotations

from ..errors import BadRequest
from ..history import audit
from ..jobs import saved_views
from ..messages import _
from ..models.outcomes import AuditEntry
from ..models.saved_views import SavedView
from ..redis.link import reaching_redis
from ..wire import Json, saved_view_json
from .context import Context


class SavedViews:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._redis = context.engine.redis
        self._key = saved_views.key_of(context.engine.watch.queue_prefix, context.scope.site)

    def all(self) -> Json:
        """Those of this viewer, and the shared ones."""
        with reaching_redis():
            return self._said()

    def save(self, name: str, q: str, sort: str = "", shared: bool = False) -> Json:
        """Keep a query under a name; one that has it is changed. Everybody who looks may; only who may operate shares.

        Raises BadRequest, Forbidden.
        """
        if shared:
            self._context.require_operate()
        now, person = self._context.look().bench.at, self._context.viewer.name
        view = saved_views.made(name, q, sort, person, now, shared)
        with reaching_redis():
            saved_views.save(self._redis, self._key, view)
            self._note("save_view", view)
            return self._said()

    def delete(self, view_id: str) -> Json:
        """One's own; a shared one, too, by who may operate. Raises BadRequest, Forbidden."""
        with reaching_redis():
            seen = saved_views.seen_by(saved_views.read(self._redis, self._key), self._context.viewer.name)
            view = next((each for each in seen if each.id == view_id), None)
            if view is None:
                raise BadRequest(_("There is no such view any more."))
            if not self._is_own(view):
                self._context.require_operate()
            saved_views.delete(self._redis, self._key, view)
            self._note("delete_view", view)
            return self._said()

    def _said(self) -> Json:
        viewer = self._context.viewer
        found = saved_views.seen_by(saved_views.read(self._redis, self._key), viewer.name)
        operates = viewer.may_act and viewer.may_operate
        wired = [saved_view_json(each, self._is_own(each), operates) for each in found]
        return {"views": wired, "may_share": operates}

    def _is_own(self, view: SavedView) -> bool:
        return view.owner == self._context.viewer.name

    def _note(self, action: str, view: SavedView) -> None:
        """What others see is in the trail."""
        if not view.shared:
            return
        person, site = self._context.viewer.name, self._context.scope.site
        detail = f"{view.name}: {view.q}"
        entry = AuditEntry(person, action, "", True, "", "", site=site, detail=self._context.redaction.text(detail))
        audit.try_to_record(self._redis, [entry])
