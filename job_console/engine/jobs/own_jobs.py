"""Which jobs a user has started, and which work on a document: an index for people who only wait for their own.

One sorted set for each user and each document of a site: ids, by the time until which they are worth showing. It is
written when a job is made and when its run ends, so that nobody searches queues for it. It only leads to records: who
may see a job is decided by what its payload says now (an id may be used again, by somebody else).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..models.jobs import Call, Job
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined
from ..rq.records import text
from ..rq.unpickle import Placeholder
from . import limits, own_words

#: Frappe's doctype whose documents submit and cancel others.
SUBMISSION = "Submission Queue"
_NOBODY = ("Guest", "")
Document = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Subject:
    """For whom a job is worth showing: who started it, and what it works on."""

    user: str | None
    document: Document | None


def subject(call: Call) -> Subject | None:
    """None: nobody waits for it. That is so for schedules, and for what Frappe does by itself (search, mails)."""
    if call.kind not in ("method", "document"):
        return None
    if call.kind == "method" and call.method.startswith("frappe.") and call.method not in own_words.METHODS:
        return None
    user = None if (call.user or "") in _NOBODY else call.user
    document = document_of(call)
    return Subject(user, document) if user or document else None


def document_of(call: Call) -> Document | None:
    """What the job works on: of a submission the submitted document, and not Frappe's record of it."""
    if call.document is None or call.document[0] != SUBMISSION:
        return call.document
    submitted = call.arguments.get("to_be_queued_doc")
    fields = submitted.contents() if isinstance(submitted, Placeholder) else getattr(submitted, "__dict__", {})
    doctype, name = fields.get("doctype"), fields.get("name")
    return (str(doctype), str(name)) if doctype and name else None


def note(pipeline: Pipeline, site: str, found: Subject, job_id: str, now: float) -> int:
    """Remember a job that was made. Returns how many commands that are."""
    sets = _sets(site, found)
    for name, most in sets:
        pipeline.zadd(name, {job_id: now + limits.OWN_MADE_S})
        pipeline.zremrangebyscore(name, "-inf", now)
        pipeline.zremrangebyrank(name, 0, -most - 1)
        pipeline.expire(name, limits.OWN_MADE_S)
    return 4 * len(sets)


def ended(pipeline: Pipeline, site: str, found: Subject, job_id: str, now: float, well: bool) -> None:
    """Its run has ended: show it for a while yet. Nothing is written of a job that nobody remembers."""
    for name, _most in _sets(site, found):
        pipeline.zadd(name, {job_id: now + (limits.OWN_DONE_S if well else limits.OWN_FAILED_S)}, xx=True)


def ask_document(pipeline: Pipeline, site: str, document: Document, now: float) -> None:
    """Ask how many jobs of a document are worth showing."""
    pipeline.zcount(keys.jobs_of_document(site, *document), now, "+inf")


def ids(redis: Redis, site: str, user: str, document: Document | None, now: float) -> tuple[list[str], int]:
    """Ids of this document's jobs, or else of this user's, and how often the user has asked in this minute. One round
    trip.
    """
    of, asked = keys.jobs_of_person(site, user), keys.own_jobs_asked(site, user)
    if document is not None:
        of = keys.jobs_of_document(site, *document)
    pipeline = pipelined(redis)
    pipeline.zrangebyscore(of, now, "+inf")
    pipeline.set(asked, 0, ex=60, nx=True)
    pipeline.incr(asked)
    found, _set, count = pipeline.execute()
    return [text(member) or "" for member in found], int(count)


def seen_by(jobs: Sequence[Job], site: str, user: str, document: Document | None, may_read: bool) -> list[Job]:
    """Those of them that this user may see: started by themselves, or, where they may read it, of this document."""
    return [
        job for job in jobs if job.status != "vanished" and job.site == site and _may(job, user, document, may_read)
    ]


def _may(job: Job, user: str, document: Document | None, may_read: bool) -> bool:
    if subject(job.call) is None and not job.call.problem:
        return False
    of_it = document is not None and document_of(job.call) == document
    if job.call.user == user:
        return document is None or of_it or bool(job.call.problem)  # a payload too large to read names its user still
    return of_it and may_read


def _sets(site: str, found: Subject) -> list[tuple[str, int]]:
    sets: list[tuple[str, int]] = []
    if found.user:
        sets.append((keys.jobs_of_person(site, found.user), limits.OWN_OF_PERSON))
    if found.document:
        sets.append((keys.jobs_of_document(site, *found.document), limits.OWN_OF_DOCUMENT))
    return sets


def submissions(jobs: Sequence[Job]) -> list[str]:
    """Ids of those that ended well for RQ, whatever became of the submission."""
    return [job.id for job in jobs if job.status == "finished" and (job.call.document or ("",))[0] == SUBMISSION]
