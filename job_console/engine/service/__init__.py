"""The facade that both hosts call: JSON-ready answers, the viewer's scope, the errors of `errors`.

engine = Engine(connect("redis://127.0.0.1:6379"))       # one per process
console = engine.console(Viewer("root@host"))            # one per request
console.snapshot()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from functools import lru_cache
from math import inf
from time import sleep
from typing import Any

from .. import otherlocks, wire
from ..diagnosis import explain, groups, mend
from ..diagnosis import limits as diagnosis_limits
from ..diagnosis.explain import Case, refused
from ..diagnosis.explain import facts as explain_facts
from ..errors import BadRequest, Forbidden, NoSuchJob
from ..history import audit
from ..jobs import actions, detail, edited, lock_actions, pages, search
from ..jobs.query import Query
from ..jobs.redact import Redaction
from ..jobs.request import Request
from ..look import limits as look_limits
from ..look.silences import Silenced
from ..models.bench import Bench
from ..models.jobs import Detail
from ..models.policies import Policy
from ..models.sweeps import Effort, Surveyed
from ..policies import control as policy_control
from ..policies import unique
from ..policies.unique import Refused
from ..redis.link import Redis, reaching_redis
from ..rq.records import moment
from ..schedule import control as schedules
from ..scope import Scope
from ..stacks import control as stacks
from ..watch import scheduler_process
from ..watch.core import Core
from ..watch.duties import DUTIES
from ..watch.sweep import Duty, Swept, sweep
from ..watch.watch import Look
from ..wire import Json, Wire
from .viewer import Viewer
from .warnings import AboutWarnings

__all__ = ["WHOLE_SURVEY_S", "Console", "Engine", "Viewer"]

#: A one-shot survey of everything may take this long.
WHOLE_SURVEY_S = 20.0
Tell = Callable[[Surveyed], object]


class Engine(Core):
    """The engine of one process. Thread-safe."""

    def __init__(self, redis: Redis, queue_prefix: str = "") -> None:
        """`queue_prefix` keeps to one bench's queues."""
        super().__init__(redis, queue_prefix)
        #: Sites differ in their secret names; each set of them keeps what it has hidden.
        self._redaction = lru_cache(maxsize=64)(Redaction)

    def console(self, viewer: Viewer, secret_names: Sequence[str] = ()) -> Console:
        """`secret_names` are redacted besides the usual ones."""
        return Console(self, viewer, self._redaction(tuple(secret_names)))

    def sweep(self, duties: Iterable[Duty] = ()) -> Swept | None:
        """Look, and do what is due of the engine's own duties and these: see `sweep`. None when nothing is due.

        Raises RedisUnavailable.
        """
        own = (scheduler_process.duty(self.folder.path),) if self.folder else ()
        return sweep(self, (*DUTIES, *own, *duties))


class Console(AboutWarnings):
    """One bench as one viewer sees it. Answers are those of the wire format (`wire`)."""

    def __init__(self, engine: Engine, viewer: Viewer, redaction: Redaction) -> None:
        self.engine = engine
        self.redaction = redaction
        self.viewer = viewer
        self.scope = Scope(viewer.site)

    def snapshot(self) -> Json:
        look = self.engine.watch.look()
        warnings = self._reported(look)
        explanation = self._wire(look.bench).snapshot(self.scope.bench(look.bench), self.viewer.site, warnings)
        return {**explanation, **self.engine.names}

    def warnings(self, prove: bool = False, deep: bool = False, tell: Tell | None = None) -> Json:
        """`prove`: look twice, for callers that come only once; of many records a part and what sweeps have found.

        `deep`: go through all of them, however long it takes; `tell` hears how far it came.
        """
        effort = Effort(inf, whole=True, tell=tell) if deep else None
        look = self.engine.watch.look_proven(effort) if prove or deep else self.engine.watch.look()
        writer = self._wire(look.bench)
        found = [writer.warning(each) for each in self._reported(look)]
        return {"warnings": found, "surveyed": wire.surveyed(look.bench.surveyed, look.bench.at)}

    def jobs(
        self,
        queue: str | None = None,
        status: str | None = None,
        method: str | None = None,
        site: str | None = None,
        user: str | None = None,
        text: str | None = None,
        page: int = 1,
        size: int = 20,
    ) -> Json:
        query, look = Query(queue, status, method, site, user, text), self._look()
        with reaching_redis():
            found = pages.page(self.engine.redis, self.engine.reader, look.bench, query, self.scope, page, size)
        return self._wire(look.bench).page(found)

    def search(
        self,
        text: str | None = None,
        method: str | None = None,
        user: str | None = None,
        site: str | None = None,
        queue: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
    ) -> Json:
        """One slice; call again with its cursor until that is None."""
        query, look = Query(queue, status, method, site, user, text), self._look()
        with reaching_redis():
            found = search.slice_of(self.engine.redis, self.engine.reader, look.bench, query, self.scope, cursor)
        return self._wire(look.bench).found(found)

    def show(self, job_id: str) -> Json:
        """Raises NoSuchJob, also for a job of another site."""
        look = self._look()
        found = self._detail(job_id, look)
        warnings = self.scope.warnings(look.warnings, look.bench)
        about = [warning for warning in warnings if warning.job_id == job_id]
        return self._wire(look.bench).detail(self.scope.detail(found), about)

    def explain(self, job_id: str) -> Json:
        """Why it is where it is. What may be a race is looked at again first, which takes some seconds.

        Of a job that was refused as a duplicate it says so. Raises NoSuchJob, also for a job of another site.
        """
        try:
            return self._explain(job_id)
        except NoSuchJob:
            note = self._refused(job_id)
            if note is None:
                raise
            return self._explain_refused(note)

    def _explain(self, job_id: str) -> Json:
        for pause in (0.0, diagnosis_limits.PROOF_S, None):
            case = self._case(job_id)
            explanation = explain.because(case)
            if pause is None or not explanation.needs_proof:
                break
            sleep(pause)
            self.engine.watch.forget()
        return self._wire(case.bench).explanation(case, explanation)

    def _refused(self, job_id: str) -> Refused | None:
        with reaching_redis():
            note = unique.refused(self.engine.redis, job_id)
        return note if note is not None and self.viewer.site in (None, note.site) else None

    def _explain_refused(self, note: Refused) -> Json:
        bench = self._look().bench
        case = Case(refused.as_detail(note), bench, scope=self.scope)
        with reaching_redis():
            (holder,) = self.engine.reader.read([note.of])
        return self._wire(bench).explanation(case, refused.explain(case, note, holder))

    def _case(self, job_id: str) -> Case:
        look = self._look()
        found = self._detail(job_id, look)
        with reaching_redis():
            lane = look.bench.lane(found.job.queue)
            depth = lane.counts.queued if lane else 0
            facts = explain_facts.read(self.engine.redis, self.engine.reader, found.job, look.bench.at, depth)
        warnings = self.scope.warnings(look.warnings, look.bench)
        return Case(found, look.bench, facts, self.scope, tuple(warnings))

    def where(self, job_id: str) -> Json:
        """Where a running job is: what its process does, its Python stack, and in words what that means.

        Takes some seconds: the reader of its host compares two samples. Raises NoSuchJob, also for a job of another
        site.
        """
        look = self._look()
        found = self._detail(job_id, look)
        with reaching_redis():
            return stacks.look(self.engine.redis, found.job, look.bench.at)

    def act(
        self,
        action: str,
        job_ids: Sequence[str] = (),
        reason: str = "",
        to: str | None = None,
        queue: str | None = None,
        started_at: str | None = None,
    ) -> Json:
        """Raises Forbidden for a viewer who may only read. Each job's outcome is in the answer, never an exception."""
        if not self.viewer.may_act:
            raise Forbidden("You may look, but not act, here.")
        bench, run = self._look().bench, _moment(started_at)
        request = Request(action, self.viewer.name, reason.strip(), _full(bench, to), _full(bench, queue), run)
        try:
            with reaching_redis():
                done = actions.run(self.engine.redis, self.engine.reader, bench, self.scope, request, list(job_ids))
        finally:
            self.engine.watch.forget()
        return wire.outcomes(done)

    def retry_edited(self, job_id: str, changes: Mapping[str, Any], reason: str = "") -> Json:
        """As a new job, with these arguments changed: see `edited`. Raises Forbidden, NoSuchJob, BadRequest."""
        self._may_act()
        redis, reader, bench = self.engine.redis, self.engine.reader, self._look().bench
        edit = edited.Edit(job_id, changes, self.viewer.name, reason.strip())
        try:
            with reaching_redis():
                done = edited.retry(redis, reader, bench, self.scope, self.redaction, edit)
        finally:
            self.engine.watch.forget()
        return wire.outcomes([done])

    def mend(self, dry_run: bool = False, code: str | None = None) -> Json:
        """Do the safe remedies of all proven warnings; `dry_run`: only say which. What needs somebody is `left`.

        `code`: only those of such warnings.

        Raises Forbidden for a viewer who may only read, unless nothing is to be done.
        """
        if not (self.viewer.may_act or dry_run):
            raise Forbidden("You may look, but not act, here.")
        look = self.engine.watch.look_twice(WHOLE_SURVEY_S)
        found = self.scope.warnings(look.warnings, look.bench)
        plan = mend.plan(each for each in found if code in (None, each.code))
        redis, reader = self.engine.redis, self.engine.reader
        try:
            with reaching_redis():
                if dry_run:
                    done = mend.rehearse(reader, look.bench, plan.steps)
                else:
                    done = mend.perform(redis, reader, look.bench, self.scope, self.viewer.name, plan.steps)
        finally:
            self.engine.watch.forget()
        return self._wire(look.bench).mended(done, groups.merged(plan.left, look.bench), dry_run)

    def locks(self, idle: bool = False) -> Json:
        """Locks in use (`idle`: those used lately too), who waits for whom, deadlocks; and what else locks."""
        others = [otherlocks.wire(each, self._local_now()) for each in self._other_locks(idle)]
        return {**lock_actions.look(self.engine.redis, self.viewer.site, idle), "others": others}

    def lock(self, key: str) -> Json:
        """Raises NoSuchLock, also for one of another site. A lock that is not ours has a `kind`."""
        other = next((each for each in self._other_locks(idle=True) if each.key == key), None)
        if other is not None:
            return otherlocks.wire(other, self._local_now())
        return lock_actions.show(self.engine.redis, self.viewer.site, key)

    def _other_locks(self, idle: bool) -> list[otherlocks.OtherLock]:
        return otherlocks.find(self._look().bench, self.engine.folder, self.scope, idle, self._local_now())

    @staticmethod
    def _local_now() -> datetime:
        """The clock of this host, which files go by."""
        return datetime.now(timezone.utc)

    def release(self, key: str, reason: str, fence: int | None = None) -> Json:
        """Take a lock from its holders: what they do not commit before is rolled back. `fence`: from that one alone.

        Raises NoSuchLock, LockMoved.
        """
        self._may_act()
        redis, viewer = self.engine.redis, self.viewer
        try:
            return lock_actions.release(redis, viewer.site, viewer.name, key, reason.strip(), fence)
        finally:
            self.engine.watch.forget()

    def extend(self, key: str, seconds: float, reason: str = "", fence: int | None = None) -> Json:
        """Give the holders of a lock, or that one, more time. Raises NoSuchLock, LockMoved."""
        self._may_act()
        redis, viewer = self.engine.redis, self.viewer
        return lock_actions.extend(redis, viewer.site, viewer.name, key, seconds, reason.strip(), fence)

    def try_policy(self, policy: Policy) -> Json:
        """Which jobs of this site's last day a policy would have been for."""
        return policy_control.tried(self.engine.redis, self._look().bench, self.viewer.site or "", policy)

    def draft_policy(self, job_id: str, limits_s: Mapping[str, float]) -> Json:
        """A policy for the jobs of this one's method, from what was observed. Raises NoSuchJob."""
        look = self._look()
        return policy_control.drafted(self.engine.redis, look.bench, self._detail(job_id, look).job, limits_s)

    def schedule(self, site: str | None = None) -> Json:
        """Schedules with what is due next and how the last runs ended: this site's, or every site's that told."""
        return schedules.look(self.engine.redis, self._look().bench, self.viewer.site or site)

    def schedule_preview(self, cron: str, site: str | None = None) -> Json:
        """What a cron expression says, its next ten runs on a site, and what is wrong with it, and where."""
        return schedules.preview(self._look().bench, self.viewer.site or site, cron)

    def schedule_day(self) -> Json:
        """The next 24 hours of the lanes: who will run when on which worker, and where too much comes together."""
        return schedules.day(self.engine.redis, self._look().bench, self.viewer.site)

    def schedule_quieter(self) -> Json:
        """Quieter minutes for this site's schedules, and the difference that they would make. Changes nothing."""
        return schedules.quieter(self.engine.redis, self._look().bench, self.viewer.site)

    def _may_act(self) -> None:
        if not self.viewer.may_act:
            raise Forbidden("You may look, but not act, here.")

    def audit(self, page: int = 1, size: int = 50) -> Json:
        if page < 1 or not 1 <= size <= look_limits.PAGE_SIZE_MAX:
            raise BadRequest(f"Pages count from 1, and hold 1 to {look_limits.PAGE_SIZE_MAX} entries.")
        with reaching_redis():
            return wire.audit(*audit.page(self.engine.redis, self.viewer.site, page, size))

    def _detail(self, job_id: str, look: Look) -> Detail:
        with reaching_redis():
            found = detail.read(self.engine.redis, self.engine.reader, job_id, look.bench.at)
        if found is None or not self.scope.owns(found.job):
            raise NoSuchJob(job_id)
        return found

    def _look(self) -> Look:
        return self.engine.watch.look()

    def _wire(self, bench: Bench) -> Wire:
        silenced = Silenced(bench, self.viewer.site)
        return Wire(
            bench.at, self.redaction, not self.viewer.may_act, bench.usual, bench.policies, silenced, bench.lost
        )


def _moment(said: str | None) -> datetime | None:
    found = moment(said)
    if said and found is None:
        raise BadRequest(f"{said!r} is no time: write it as 2026-11-23T16:40:00.000000Z.")
    return found


def _full(bench: Bench, name: str | None) -> str | None:
    """A lane may be named by its label (`short`) where only one bears it."""
    if name is None or bench.lane(name):
        return name
    named = [lane.name for lane in bench.lanes if lane.label == name]
    return named[0] if len(named) == 1 else name
