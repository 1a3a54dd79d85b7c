"""What a viewer does to jobs, and what was done: every action goes through `jobs.actions`, which audits it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import BadRequest
from ..history import audit
from ..jobs import actions, edit_and_retry, new_jobs, state_change
from ..jobs.new_jobs import NewJob
from ..jobs.request import Request
from ..look import limits as look_limits
from ..messages import _, joined
from ..models.outcomes import Outcome
from ..redis.link import reaching_redis
from ..wire import Json, audit_json, outcomes_json
from .context import Context, full_name, parse_time


class Actions:
    def __init__(self, context: Context) -> None:
        self._context = context

    def run(
        self,
        action: str,
        job_ids: Sequence[str] = (),
        reason: str = "",
        to: str | None = None,
        queue: str | None = None,
        started_at: str | None = None,
    ) -> Json:
        """Do `action` to each job. Each job's outcome is in the answer, never an exception.

        `to`: the lane to move to; `queue`: the lane that an id without a record stands in; `started_at` (ISO 8601,
        UTC): only the run that began then. Raises Forbidden for a viewer who may only read; BadRequest.
        """
        self._context.require(action)
        engine, viewer, scope = self._context.engine, self._context.viewer, self._context.scope
        bench, run = self._context.look().bench, parse_time(started_at)
        to, queue = (each and full_name(bench, each) for each in (to, queue))
        request = Request(action, viewer.name, reason.strip(), to, queue, run)
        with self._context.changing():
            return outcomes_json(actions.run(engine.redis, engine.reader, bench, scope, request, list(job_ids)))

    def retry_edited(self, job_id: str, changes: Mapping[str, Any], reason: str = "") -> Json:
        """As a new job, with these arguments changed: see `edit_and_retry`. Raises Forbidden, NoSuchJob, BadRequest."""
        self._context.require_act()
        engine, bench = self._context.engine, self._context.look().bench
        edit = edit_and_retry.Edit(job_id, changes, self._context.viewer.name, reason.strip())
        with self._context.changing():
            done = edit_and_retry.retry(
                engine.redis, engine.reader, bench, self._context.scope, self._context.redaction, edit
            )
        return outcomes_json([done])

    def made(self, new: NewJob, outcome: Outcome, queue: str, sensitive: Sequence[str] = ()) -> Json:
        """What came of a job that the viewer has made on their site, written into the audit trail. Raises Forbidden.

        `queue`: its lane; `sensitive`: the arguments that its policy hides.
        """
        self._context.require_act()
        viewer, redaction = self._context.viewer, self._context.redaction
        hiding = redaction.hiding(tuple(sensitive)) if sensitive else redaction
        logged = new_jobs.entry(new, outcome, viewer.name, viewer.site, queue, hiding)
        with self._context.changing():
            recorded = audit.try_to_record(self._context.engine.redis, [logged])
        if outcome.ok and not recorded:
            outcome = replace(outcome, reason=joined((outcome.reason, state_change.NOT_AUDITED)))
        return outcomes_json([outcome])

    def audit(self, page: int = 1, size: int = 50) -> Json:
        """A page of the audit trail, newest first. Raises BadRequest."""
        if page < 1 or not 1 <= size <= look_limits.PAGE_SIZE_MAX:
            raise BadRequest(
                _("Pages count from 1, and hold 1 to {page_size_max} entries.").format(
                    page_size_max=look_limits.PAGE_SIZE_MAX
                )
            )
        with reaching_redis():
            return audit_json(*audit.page(self._context.engine.redis, self._context.viewer.site, page, size))
