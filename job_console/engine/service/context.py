"""What every subject of a `Console` works with: the engine, the viewer and what the viewer may see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property

from ..errors import BadRequest, Forbidden, NoSuchJob
from ..jobs import actions, detail
from ..jobs.redact import Redaction
from ..look.silences import Silenced
from ..messages import _
from ..models.bench import Bench
from ..models.jobs import Detail
from ..redis import keys
from ..redis.link import reaching_redis
from ..rq.records import moment, text
from ..scope import Scope
from ..watch.shared import Core
from ..watch.watch import Look
from ..wire import View
from .viewer import Viewer

#: A one-shot survey of everything may take this long.
WHOLE_SURVEY_S = 20.0


class Context:
    """One viewer at one engine."""

    def __init__(self, engine: Core, viewer: Viewer, redaction: Redaction) -> None:
        self.engine = engine
        self.viewer = viewer
        self.redaction = redaction

    @cached_property
    def scope(self) -> Scope:
        """What this viewer may see."""
        return Scope(self.viewer.site)

    def look(self, since: datetime | None = None) -> Look:
        """The engine's present look at the whole bench, shared by all viewers; `since`: not older. Raises
        RedisUnavailable."""
        return self.engine.watch.look(since=since)

    def detail(self, job_id: str, look: Look) -> Detail:
        """One job with its runs. Raises NoSuchJob, also for a job of another site; RedisUnavailable."""
        with reaching_redis():
            found = detail.read(self.engine.redis, self.engine.reader, job_id, look.bench.at)
        if found is None or not self.scope.owns(found.job):
            worker = next((each for each in look.bench.workers if each.alive and each.job_id == job_id), None)
            if found is None and worker is not None and self.scope.may_own(job_id):
                why = _("its record was deleted, but worker {worker} still runs it.").format(worker=worker.name)
                raise NoSuchJob(job_id, self._something_else(job_id) or why)
            other = self._something_else(job_id) if found is None and self.scope.may_own(job_id) else ""
            raise NoSuchJob(job_id, other) if other else NoSuchJob(job_id)
        return found

    def _something_else(self, job_id: str) -> str:
        """That its key is there, and is no record of RQ's."""
        with reaching_redis():
            kind = text(self.engine.redis.type(keys.job(job_id))) or ""
        if kind in ("none", "hash"):
            return ""
        return _("its key {key} holds not what RQ keeps there.").format(key=keys.job(job_id))

    def view(self, bench: Bench) -> View:
        """What JSON is written for: this viewer and this look. No action is offered to who may only read."""
        silenced = Silenced(bench, self.viewer.site)
        viewer = self.viewer
        return View(
            bench.at,
            self.redaction,
            not viewer.may_act,
            viewer.may_operate,
            bench.usual,
            bench.policies,
            silenced,
            bench.lost,
        )

    def require_act(self) -> None:
        """Raises Forbidden for a viewer who may only read."""
        if not self.viewer.may_act:
            raise Forbidden(_("You may look, but not act, here."))

    def require(self, action: str) -> None:
        """As `require_act`; for what an action does to the whole bench, as `require_operate`."""
        self.require_operate() if action in actions.BENCH_WIDE else self.require_act()

    def require_operate(self) -> None:
        """Raises Forbidden for a viewer who may not pause or stop lanes, workers, methods and the bench."""
        self.require_act()
        if not self.viewer.may_operate:
            raise Forbidden(_("You may act on jobs, but not operate lanes, workers, methods or the bench, here."))

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Around what changes the bench: the next look is a new one. Raises RedisUnavailable."""
        try:
            with reaching_redis():
                yield
        finally:
            self.engine.watch.forget()


def full_name(bench: Bench, name: str) -> str:
    """The full name of a lane, which may be given by its label (`short`) where only one lane has it."""
    if bench.lane(name):
        return name
    named = [lane.name for lane in bench.lanes if lane.label == name]
    return named[0] if len(named) == 1 else name


def parse_time(text: str | None) -> datetime | None:
    """A time that a caller gave: ISO 8601, in UTC. Raises BadRequest."""
    found = moment(text)
    if text and found is None:
        raise BadRequest(_("{text!r} is no time: write it as 2026-11-23T16:40:00.000000Z.").format(text=text))
    return found
