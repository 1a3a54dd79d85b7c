"""Jobs as people see them who have started them, or who look at the document that they work on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timezone
from time import time

from ..diagnosis import explain
from ..diagnosis.explain import Case
from ..errors import BadRequest, NoSuchJob
from ..jobs import actions, limits, own_jobs
from ..jobs.own_jobs import Document
from ..jobs.request import Request
from ..messages import _
from ..models.expected import Expected
from ..models.jobs import Detail, Job
from ..policies import limits as policies_limits
from ..redis import keys, list_position
from ..redis.link import pipelined, reaching_redis
from ..wire import Json, own_job_json
from .context import Context

#: Of these jobs, which RQ calls finished: those whose work did not succeed.
Failed = Callable[[Sequence[str]], Collection[str]]


class OwnJobs:
    """The viewer is an ordinary user of a site; each call answers for their name."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._redis = context.engine.redis
        self._user, self._site = context.viewer.name, context.viewer.site or ""

    def seen(self, failed: Failed, document: Document | None = None, may_read: bool = False) -> Json | None:
        """Jobs that the viewer has started, or those of this document: all of them where they may read it, else their
        own. The newest first. None: they have asked too often in this minute.
        """
        with reaching_redis():
            ids, asked = own_jobs.ids(self._redis, self._site, self._user, document, time())
            if asked > limits.OWN_ASKED:
                return None
            jobs = own_jobs.seen_by(self._context.engine.reader.read(ids), self._site, self._user, document, may_read)
        jobs.sort(key=lambda job: job.enqueued_at or job.created_at or job.ended_at or _NEVER, reverse=True)
        places, failures = self._places(jobs), failed(own_jobs.submissions(jobs))
        starts = self._starts(jobs, places)
        return {"jobs": [self._json(job, job.id in failures, places, starts) for job in jobs]}

    def _json(self, job: Job, failed: bool, places: Mapping[str, int], starts: Mapping[str, Expected]) -> Json:
        return own_job_json(job, job.call.user == self._user, failed, places.get(job.id), starts.get(job.id))

    def _places(self, jobs: Sequence[Job]) -> dict[str, int]:
        waiting = [job for job in jobs if job.status == "queued"]
        if not waiting:
            return {}
        pipeline = pipelined(self._redis)
        for job in waiting:
            list_position.ask(pipeline, keys.queue(job.queue), job.id, policies_limits.LPOS_DEPTH)
        with reaching_redis():
            found = pipeline.execute()
        return {job.id: place + 1 for job, place in zip(waiting, found, strict=True) if place is not None}

    def _starts(self, jobs: Sequence[Job], places: dict[str, int]) -> dict[str, Expected]:
        """When those begin that are next. The look is the one that all viewers share."""
        next_ones = sorted((job for job in jobs if job.id in places), key=lambda job: places[job.id])
        if not next_ones:
            return {}
        look, scope = self._context.look(), self._context.scope
        warnings = tuple(scope.warnings(look.warnings, look.bench))
        starts: dict[str, Expected] = {}
        for job in next_ones[: limits.OWN_FORECASTS]:
            detail = Detail(job, (), places[job.id], None, (), None)
            start = explain.expected_start(Case(detail, look.bench, scope=scope, warnings=warnings))
            if start is not None:
                starts[job.id] = start
        return starts

    def cancel(self, job_id: str) -> Job:
        """Take out a job of the viewer's own that has not begun; it is in the audit trail. The job as it was.

        Raises NoSuchJob, also for a job of somebody else; BadRequest when it has begun.
        """
        engine, scope = self._context.engine, self._context.scope
        with reaching_redis():
            (job,) = engine.reader.read([job_id])
        if not own_jobs.seen_by([job], self._site, self._user, None, may_read=False):
            raise NoSuchJob(job_id)
        request = Request("cancel", self._user, "", None, None, None)
        bench = self._context.look().bench
        with self._context.changing():
            (outcome,) = actions.run(engine.redis, engine.reader, bench, scope, request, [job_id])
        if not outcome.ok:
            raise BadRequest(_("It has begun, or ended, already: it cannot be canceled any more."))
        return job


_NEVER = datetime.min.replace(tzinfo=timezone.utc)
