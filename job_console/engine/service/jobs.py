"""What a viewer may ask about jobs: lists, search, one job, why it is where it is, and where it runs."""

from __future__ import annotations

from datetime import datetime
from time import sleep

from ..diagnosis import explain
from ..diagnosis import limits as diagnosis_limits
from ..diagnosis.explain import Case, refused
from ..diagnosis.explain import facts as explain_facts
from ..errors import BadRequest, NoSuchJob
from ..history import statistics
from ..jobs import completion, composition, pages, query_text, search
from ..jobs.query import Query
from ..messages import _
from ..output import record as output
from ..output import wire as output_wire
from ..policies import unique
from ..policies.unique import Refused
from ..redis.link import reaching_redis
from ..rq.records import moment
from ..stacks import profile as profiles
from ..stacks import where as stacks
from ..watch.watch import Look
from ..wire import Json, detail_json, explanation_json, job_json, page_json, search_json
from .context import Context


class Jobs:
    def __init__(self, context: Context) -> None:
        self._context = context

    def page(
        self,
        queue: str | None = None,
        status: str | None = None,
        method: str | None = None,
        site: str | None = None,
        user: str | None = None,
        text: str | None = None,
        q: str | None = None,
        page: int = 1,
        size: int = 20,
        sort: str | None = None,
        at: str | None = None,
        after: str | None = None,
    ) -> Json:
        """One page of the jobs that match; `q`: in the query language (`query_text`), besides. `after`: go on from the
        cursor of an answer that did not reach it. Raises BadRequest.
        """
        look, engine = self._context.look(), self._context.engine
        query = self._query(look, q, queue=queue, status=status, method=method, site=site, user=user, text=text)
        window = pages.Window(page, size, sort, _moment(at), after)
        with reaching_redis():
            found = pages.page(engine.redis, engine.reader, look.bench, query, self._context.scope, window)
        return page_json(self._context.view(look.bench), found)

    def search(
        self,
        text: str | None = None,
        method: str | None = None,
        user: str | None = None,
        site: str | None = None,
        queue: str | None = None,
        status: str | None = None,
        q: str | None = None,
        cursor: str | None = None,
    ) -> Json:
        """One slice; call again with its cursor until that is None. Raises BadRequest."""
        look, engine = self._context.look(), self._context.engine
        query = self._query(look, q, queue=queue, status=status, method=method, site=site, user=user, text=text)
        with reaching_redis():
            found = search.slice_of(engine.redis, engine.reader, look.bench, query, self._context.scope, cursor)
        return search_json(self._context.view(look.bench), found)

    def _query(self, look: Look, q: str | None, **fields: str | None) -> Query:
        return query_text.read(q, look.bench.at, self._context.view(look.bench).redaction_for, **fields)

    def complete(self, q: str = "", cursor: int | None = None) -> Json:
        """What may stand where the cursor is in a query, and what is wrong with it: see `completion`."""
        look, scope = self._context.look(), self._context.scope
        with reaching_redis():
            methods = statistics.seen(self._context.engine.redis, scope.site or "", look.bench.at)
        place = len(q) if cursor is None else cursor
        return completion.offer(scope.bench(look.bench).bench, scope, q, place, methods)

    def waiting(self, queue: str | None = None) -> Json:
        """Of what the waiting jobs are made: by method, site and user, from a bounded sample. Raises BadRequest."""
        look, engine = self._context.look(), self._context.engine
        lanes = Query(queue=queue).lanes(look.bench.lanes)
        with reaching_redis():
            return composition.read(
                engine.redis, engine.reader, lanes, self._context.scope, self._context.redaction.text
            )

    def show(self, job_id: str) -> Json:
        """One job with its runs, arguments, traceback and warnings. Raises NoSuchJob, also for one of another site."""
        look, scope = self._context.look(), self._context.scope
        found = self._context.detail(job_id, look)
        warnings = scope.warnings(look.warnings, look.bench)
        about = [warning for warning in warnings if warning.job_id == job_id]
        start = explain.expected_start(Case(found, look.bench, scope=scope, warnings=tuple(warnings)))
        return detail_json(self._context.view(look.bench), scope.detail(found), about, start)

    def find(self, job_id: str) -> Json | None:
        """The job as a row; None where there is none, also for one of another site. One round trip where there is none,
        so that many benches can be asked."""
        with reaching_redis():
            (job,) = self._context.engine.reader.read([job_id])
        if job.status == "vanished" or not self._context.scope.owns(job):
            return None
        return job_json(self._context.view(self._context.look().bench), job)

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
            self._context.engine.watch.forget()
        return explanation_json(self._context.view(case.bench), case, explanation)

    def _refused(self, job_id: str) -> Refused | None:
        with reaching_redis():
            note = unique.refused(self._context.engine.redis, job_id)
        return note if note is not None and self._context.viewer.site in (None, note.site) else None

    def _explain_refused(self, note: Refused) -> Json:
        bench = self._context.look().bench
        case = Case(refused.as_detail(note), bench, scope=self._context.scope)
        with reaching_redis():
            (holder,) = self._context.engine.reader.read([note.of])
        return explanation_json(self._context.view(bench), case, refused.explain(case, note, holder))

    def _case(self, job_id: str) -> Case:
        look, engine, scope = self._context.look(), self._context.engine, self._context.scope
        found = self._context.detail(job_id, look)
        with reaching_redis():
            lane = look.bench.lane(found.job.queue)
            depth = lane.counts.queued if lane else 0
            noted = explain_facts.noted(lane, job_id)
            lanes = [each.name for each in look.bench.lanes if each.counts.queued and not each.broken]
            facts = explain_facts.read(engine.redis, engine.reader, found.job, look.bench.at, depth, noted, lanes)
        return Case(found, look.bench, facts, scope, tuple(scope.warnings(look.warnings, look.bench)))

    def where(self, job_id: str) -> Json:
        """Where a running job is: what its process does, its Python stack, and in words what that means.

        Takes some seconds: the reader of its host compares two samples. Raises NoSuchJob, also for a job of another
        site.
        """
        look = self._context.look()
        found = self._context.detail(job_id, look)
        with reaching_redis():
            return stacks.look(self._context.engine.redis, found.job, look.bench.at)

    def log(self, job_id: str) -> Json:
        """What the newest run of a job has printed and logged, the last kilobytes, with its secrets hidden.

        Raises NoSuchJob, also for a job of another site.
        """
        engine, scope = self._context.engine, self._context.scope
        look = self._context.look()
        with reaching_redis():
            (job,) = engine.reader.read([job_id])
            if job.status == "vanished" or not scope.owns(job):
                raise NoSuchJob(job_id)
            kept = output.read(engine.redis, job_id)
        return output_wire.log(job, kept, self._context.view(look.bench).redaction_for(job).text)

    def profile(self, job_id: str) -> Json:
        """At which lines a running job spends the next five seconds, by samples of its stack.

        Raises NoSuchJob, also for a job of another site.
        """
        look = self._context.look()
        found = self._context.detail(job_id, look)
        with reaching_redis():
            return profiles.look(self._context.engine.redis, found.job, look.bench.at)


def _moment(text: str | None) -> datetime | None:
    found = moment(text)
    if text and found is None:
        raise BadRequest(_("{text!r} is no time: write it as 2026-11-23T16:40:00.000000Z.").format(text=text))
    return found
