"""The warnings that a viewer is shown, and what the viewer does about them: remedies, silences, incidents."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from ..diagnosis import apply_remedy, groups, manual, mend
from ..errors import BadRequest, NoSuchWarning
from ..jobs import operations
from ..messages import _
from ..models.sweeps import Effort, Surveyed
from ..models.warnings import Warning
from ..watch import incidents, silencing
from ..watch.watch import Look
from ..wire import Json, mended_json, outcomes_json, silence_json, surveyed_json, warning_json
from .context import WHOLE_SURVEY_S, Context

#: Is called with how far a survey has come.
OnSurveyed = Callable[[Surveyed], object]


class Warnings:
    def __init__(self, context: Context) -> None:
        self._context = context

    def all(self, prove: bool = False, deep: bool = False, on_surveyed: OnSurveyed | None = None) -> Json:
        """`prove`: look twice, for callers that come only once; of many records a part and what sweeps have found.

        `deep`: go through all of them, however long it takes; `on_surveyed` is called with how far it has come.
        """
        watch = self._context.engine.watch
        effort = Effort(inf, whole=True, on_surveyed=on_surveyed) if deep else None
        look = watch.look_proven(effort) if prove or deep else watch.look()
        view = self._context.view(look.bench)
        found = [warning_json(view, each) for each in self.reported(look)]
        return {"warnings": found, "surveyed": surveyed_json(look.bench.surveyed, look.bench.at)}

    def reported(self, look: Look) -> list[Warning]:
        """The warnings that this viewer may see: of many jobs with one cause one."""
        return [group.warning for group in self._groups(look)]

    def unsilenced(self, look: Look) -> list[Warning]:
        """Every warning that this viewer may see and nobody has silenced."""
        view = self._context.view(look.bench)
        asking = (group for group in self._groups(look) if view.silenced(group.warning) is None)
        return [warning for group in asking for warning in group.members]

    def troubles(self, look: Look) -> list[incidents.Trouble]:
        """What this viewer's site writes down as incidents."""
        return incidents.troubles(self.reported(look), self._context.view(look.bench))

    def remedy(self, warning: str, action: str, reason: str = "", prove: bool = False) -> Json:
        """Do a remedy of a warning, named by its id, to all jobs that it is about; `actions.run` if it is about none.

        `prove`: as for `all`. Raises Forbidden, NoSuchWarning, BadRequest.
        """
        self._context.require(action)
        engine, scope, name = self._context.engine, self._context.scope, self._context.viewer.name
        look, group = self._group(warning, prove)
        if action in operations.OPERATIONS:
            apply_remedy.offered(group, action)
            raise BadRequest(
                _("That is done by its own call: operations.run({action!r}, …), which asks until when.").format(
                    action=action
                )
            )
        with self._context.changing():
            done = apply_remedy.perform(
                engine.redis, engine.reader, look.bench, scope, name, group, action, reason.strip()
            )
        return outcomes_json(done)

    @staticmethod
    def about(code: str) -> Json:
        """What a warning of this code means, in words (Markdown). Raises BadRequest when there is none."""
        found = manual.page(code)
        if found is None:
            raise BadRequest(_("There is no warning {code!r}.").format(code=code))
        return {"code": code, **found}

    def silence(
        self,
        warning: str,
        how: str = "acknowledge",
        seconds: float | None = None,
        reason: str = "",
        prove: bool = False,
    ) -> Json:
        """`how`: acknowledge, snooze, mute, or unmute (show it again). `seconds`: for how long at most: see `silences`.

        Raises Forbidden, NoSuchWarning, BadRequest.
        """
        self._context.require_act()
        engine, viewer = self._context.engine, self._context.viewer
        request = silencing.Request(how, viewer.name, viewer.site, seconds, reason.strip())
        look, group = self._group(warning, prove)
        with self._context.changing():
            put = silencing.put(engine.redis, engine.watch.queue_prefix, look.bench, group.warning, request)
        return {"warning": warning, "code": group.warning.code, **silence_json(put)}

    def mend(self, dry_run: bool = False, code: str | None = None) -> Json:
        """Do the safe remedies of all proven warnings; `dry_run`: only say which. What needs somebody is `left`.

        `code`: only those of such warnings. Raises Forbidden for a viewer who may only read, unless it is a dry run.
        """
        if not dry_run:
            self._context.require_act()
        engine, scope, viewer = self._context.engine, self._context.scope, self._context.viewer
        look = engine.watch.look_twice(WHOLE_SURVEY_S)
        found = scope.warnings(look.warnings, look.bench)
        plan = mend.plan(each for each in found if code in (None, each.code))
        with self._context.changing():
            if dry_run:
                done = mend.rehearse(engine.reader, look.bench, plan.steps)
            else:
                done = mend.perform(engine.redis, engine.reader, look.bench, scope, viewer.name, plan.steps)
        left = groups.merged(plan.left, look.bench)
        return mended_json(self._context.view(look.bench), done, left, dry_run, look.bench.surveyed)

    def _groups(self, look: Look) -> list[groups.Group]:
        return groups.of(self._context.scope.warnings(look.warnings, look.bench), look.bench)

    def _group(self, warning: str, prove: bool) -> tuple[Look, groups.Group]:
        watch = self._context.engine.watch
        look = watch.look_twice(WHOLE_SURVEY_S) if prove else watch.look()
        group = next((each for each in self._groups(look) if each.warning.id == warning), None)
        if group is None:
            raise NoSuchWarning(warning)
        return look, group
