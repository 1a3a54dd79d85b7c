"""What a viewer is told of warnings, and does about one of them: a part of `service.Console`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import wire
from ..diagnosis import groups, remedies
from ..errors import NoSuchWarning
from ..models.bench import Bench
from ..models.warnings import Warning
from ..redis.link import reaching_redis
from ..watch import incidents, silencing
from ..wire import Json, Wire

if TYPE_CHECKING:
    from ..scope import Scope
    from ..watch.core import Core
    from ..watch.watch import Look
    from .viewer import Viewer

#: A one-shot survey of everything may take this long.
WHOLE_SURVEY_S = 20.0


class AboutWarnings:
    engine: Core
    viewer: Viewer
    scope: Scope

    def _wire(self, bench: Bench) -> Wire:
        raise NotImplementedError

    def _may_act(self) -> None:
        raise NotImplementedError

    def troubles(self, look: Look) -> list[incidents.Trouble]:
        """What this viewer's site writes down as incidents."""
        return incidents.troubles(self._reported(look), self._wire(look.bench))

    def untold(self, look: Look) -> list[Warning]:
        """What this viewer may know of and nobody has silenced."""
        writer = self._wire(look.bench)
        asking = (group for group in self._groups(look) if writer.silenced(group.warning) is None)
        return [warning for group in asking for warning in group.members]

    def _reported(self, look: Look) -> list[Warning]:
        """As this viewer is told them: of many jobs with one cause one."""
        return [group.warning for group in self._groups(look)]

    def _groups(self, look: Look) -> list[groups.Group]:
        return groups.of(self.scope.warnings(look.warnings, look.bench), look.bench)

    def remedy(self, warning: str, action: str, reason: str = "", prove: bool = False) -> Json:
        """Do a remedy of a warning, named by its id, to all jobs that it is about; `act` for one that is about none.

        `prove`: as for `warnings`. Raises Forbidden, NoSuchWarning, BadRequest.
        """
        self._may_act()
        look, group = self._group(warning, prove)
        redis, reader, name = self.engine.redis, self.engine.reader, self.viewer.name
        try:
            with reaching_redis():
                done = remedies.perform(redis, reader, look.bench, self.scope, name, group, action, reason.strip())
        finally:
            self.engine.watch.forget()
        return wire.outcomes(done)

    def silence_warning(
        self,
        warning: str,
        how: str = "acknowledge",
        seconds: float | None = None,
        reason: str = "",
        prove: bool = False,
    ) -> Json:
        """`how`: acknowledge, snooze, mute, or unmute (tell it again). `seconds`: for how long at most: see `silences`.

        Raises Forbidden, NoSuchWarning, BadRequest.
        """
        self._may_act()
        engine, request = (
            self.engine,
            silencing.Request(how, self.viewer.name, self.viewer.site, seconds, reason.strip()),
        )
        look, group = self._group(warning, prove)
        try:
            with reaching_redis():
                put = silencing.put(engine.redis, engine.watch.queue_prefix, look.bench, group.warning, request)
        finally:
            engine.watch.forget()
        return {"warning": warning, "code": group.warning.code, **wire.silence(put)}

    def _group(self, warning: str, prove: bool) -> tuple[Look, groups.Group]:
        look = self.engine.watch.look_twice(WHOLE_SURVEY_S) if prove else self.engine.watch.look()
        group = next((each for each in self._groups(look) if each.warning.id == warning), None)
        if group is None:
            raise NoSuchWarning(warning)
        return look, group
