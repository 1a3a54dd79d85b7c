"""A job as JSON for who waits for it: no method, argument or error is in it."""

from __future__ import annotations

from ..jobs import actions, own_jobs, own_words
from ..models.expected import Expected
from ..models.jobs import Job
from .values import Json, seconds, time


def own_job_json(job: Job, mine: bool, failed: bool, position: int | None, start: Expected | None) -> Json:
    state = own_words.state(job, failed)
    what, words = own_words.title(job.call), own_words.words(job, state, position, start)
    document = own_jobs.document_of(job.call)
    return {
        "id": job.id,
        "what": what,
        "doctype": document and document[0],
        "name": document and document[1],
        "state": state,
        "words": words,
        "line": own_words.line(what, words),
        "percent": own_words.percent_of(job),
        "position": position,
        "about_s": seconds(start.about_s) if start else None,
        "enqueued_at": time(job.enqueued_at or job.created_at),
        "started_at": time(job.started_at),
        "ended_at": time(job.ended_at),
        "mine": mine,
        "may_cancel": mine and job.status in actions.STATES["cancel"],
    }
