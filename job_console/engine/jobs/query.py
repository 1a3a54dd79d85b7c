"""A query for jobs: the filters that pages, search, bulk actions and the command line share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone

from ..errors import BadRequest
from ..messages import _
from ..models.bench import Lane
from ..models.jobs import STATUSES, Job
from ..scope import Scope
from .redact import Redaction
from .terms import Term, needed
from .words import inside, like, number, pieces

#: The state of failed jobs that are out of attempts (dead letters).
DEAD = "dead"
ASKED = (*STATUSES, DEAD)


@dataclass(frozen=True, slots=True)
class Query:
    """Empty fields match everything. `method` is a glob when it holds `*` or `?`, else a part of the name.

    `terms`: what was asked in the query language besides (`query_text`); all must hold. `at`: when that was; `redact`:
    what is hidden of a job, and not found.
    """

    queue: str | None = None
    status: str | None = None
    method: str | None = None
    site: str | None = None
    user: str | None = None
    text: str | None = None
    terms: tuple[Term, ...] = ()
    at: datetime = field(default_factory=lambda: datetime.now(timezone.utc), compare=False)
    redact: Callable[[Job], Redaction] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.status and self.status not in ASKED:
            raise BadRequest(
                _("There is no state {status!r}; the states are {known}.").format(
                    status=self.status, known=", ".join(ASKED)
                )
            )

    @property
    def filters(self) -> bool:
        """Whether records must be read to know if they match (the queue and the state are known from the lists)."""
        return bool(self.method or self.site or self.user or self.text or self._of_records)

    @property
    def _of_records(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.field not in ("status", "queue"))

    @property
    def by_payload(self) -> bool:
        """Whether a look at the bytes of a payload can tell that it does not match."""
        return bool(self.method or self.site or self.user or self.text or any(map(needed, self.terms)))

    @property
    def statuses(self) -> tuple[str, ...]:
        """Those whose lists are gone through, in their order. `dead` is a part of `failed`, asked for by name."""
        asked = [term for term in self.terms if term.field == "status"]
        named = {value for term in asked if not term.negated for value in term.values}
        offered = (self.status,) if self.status else (*STATUSES, *((DEAD,) if DEAD in named else ()))
        if any(term.field == "group" and not term.negated for term in self.terms):
            offered = tuple(each for each in offered if each in ("failed", DEAD))
        return tuple(each for each in offered if all(term.covers(each) for term in asked))

    def lanes(self, lanes: Sequence[Lane]) -> list[Lane]:
        """Those that it covers. Raises BadRequest for one that is not there."""
        asked = [term for term in self.terms if term.field == "queue"]
        known = {name.lower() for lane in lanes for name in (lane.name, lane.label)}
        named = [self.queue, *(value for term in asked for value in term.values)]
        for name in filter(None, named):
            if name.lower() not in known:
                raise BadRequest(_("There is no queue {name!r}.").format(name=name))
        wanted = (self.queue or "").lower()
        covered = [lane for lane in lanes if not wanted or wanted in (lane.name.lower(), lane.label.lower())]
        return [lane for lane in covered if all(term.covers(lane.name, lane.label) for term in asked)]

    def matches(self, job: Job) -> bool:
        call = job.call
        return (
            (not self.site or job.site == self.site)
            and (not self.user or (call.user or "").lower() == self.user.lower())
            and (not self.method or like(self.method, call.method) or like(self.method, call.label))
            and (not self.text or self._has_text(job))
            and self._holds(job)
        )

    def _holds(self, job: Job) -> bool:
        terms = self._of_records
        if not terms:
            return True
        redaction = self.redact(job) if self.redact else None
        return all(term.holds(job, self.at, redaction) for term in terms)

    def may_match_bytes(self, plain: bytes, job_id: str) -> bool:
        """A quick test of an inflated payload: False only when it cannot match.

        A pickle holds text as plain UTF-8, so a name's pieces must be in it; a reference to a function holds module
        and name apart, hence pieces between dots. Numbers and letters beyond ASCII are left to the real look.
        """
        lowered = plain.lower()
        words = [*pieces(self.method), *pieces(self.site), *pieces(self.user)]
        if self.text and number(self.text) is None:
            words += pieces(self.text)
        missing = [word for word in words if word not in lowered]
        if not missing and not self.terms:
            return True
        # A payload without Frappe's wrapper says its site by its id alone.
        named = job_id.lower().encode("utf-8", "replace")
        return all(word in named for word in missing) and all(_possible(term, lowered, named) for term in self.terms)

    def _has_text(self, job: Job) -> bool:
        needle = (self.text or "").lower()
        named = (job.id, job.call.method, job.call.label, job.call.user or "")
        return any(needle in value.lower() for value in named) or inside(needle, job.call.arguments)


def _possible(term: Term, plain: bytes, job_id: bytes) -> bool:
    rows = needed(term)
    return not rows or any(all(word in plain or word in job_id for word in row) for row in rows)


def visible(job: Job, query: Query, scope: Scope) -> bool:
    return job.status != "vanished" and scope.owns(job) and query.matches(job)
