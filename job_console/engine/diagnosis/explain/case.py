"""What an explanation is made of, and what it knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ...messages import _, joined
from ...models.bench import Bench, Counts, Lane, Usual, label
from ...models.jobs import Detail, Job
from ...models.outcomes import AuditEntry
from ...models.stacks import Seen
from ...models.warnings import Remedy, Warning
from ...scope import Scope
from ...wording import duration, name
from .concurrency import Standing


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence or a few that belong together. `text` is for people, `evidence` for programs."""

    text: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()
    #: The job that the remedies are for, where it is another one than the one that is explained.
    job_id: str | None = None
    #: The same without figures that go on (elapsed, left): for who shows those beside it. "": it has none of them.
    brief: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    reasons: tuple[Reason, ...]
    position: int | None = None
    expected_start_s: float | None = None
    #: May be a race between two of RQ's steps: look again before it is shown.
    needs_proof: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What neither the job's detail nor the look at the bench tells; see `facts.read`."""

    #: The last thing that somebody did to this job here.
    action: AuditEntry | None = None
    #: It stands in RQ's intermediate list: taken from its queue, not started yet.
    between_lists: bool = False
    #: Where its id stands (`job_states.PLACES`), as far as was looked. None: not asked.
    places: frozenset[str] | None = None
    #: It waits in the list of this queue, which is not the one that its record names.
    other_lane: str = ""
    #: The jobs that it waits for; `vanished` ones are gone.
    dependencies: tuple[Job, ...] = ()
    #: Of one that waits for very many: how all of them stand, as far as was looked; None: gone.
    awaited: Mapping[str, str | None] = field(default_factory=dict)
    usual: Usual | None = None
    #: Of a job whose process was killed: where it was last seen.
    remains: Seen | None = None
    #: How a scheduled job failed, though RQ calls it finished.
    hidden_failure: str | None = None
    #: Who has the places that it waits for one of.
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One job to be explained to one viewer."""

    detail: Detail
    bench: Bench
    facts: Facts = Facts()
    scope: Scope = field(default_factory=Scope)
    #: Proven warnings that the viewer may see.
    warnings: tuple[Warning, ...] = ()

    @property
    def job(self) -> Job:
        return self.detail.job

    @property
    def now(self) -> datetime:
        return self.bench.at

    @property
    def lane(self) -> Lane | None:
        return self.bench.lane(self.job.queue)

    @property
    def lane_label(self) -> str:
        return label(self.job.queue)

    def since(self, moment: datetime | None) -> str:
        """`12 min` since then; "" when it is not known."""
        return duration(max((self.now - moment).total_seconds(), 0.0)) if moment else ""

    def ago(self, moment: datetime | None) -> str:
        """`12 min ago`; "" when it is not known."""
        return _("{since} ago").format(since=self.since(moment)) if moment else ""

    def name_of(self, job: Job) -> str:
        """Another site's jobs are never named."""
        return name(job) if self.scope.owns(job) else _("a job of another site")


def reason(warning: Warning) -> Reason:
    """What a detector says, as a reason."""
    return Reason(warning.message, {"code": warning.code, **warning.evidence}, warning.remedies)


def asked(case: Case, detect: Callable[[Bench], Iterable[Warning]], **rows: Any) -> list[Reason]:
    """What this detector says about the job, also when the job is not among the rows that a look reads.

    `rows` replaces fields of its lane (`running=(job,)`) or, where it has those, of the bench (`ghosts=…`).
    """
    of_bench = {name: value for name, value in rows.items() if name in ("ghosts", "dependencies")}
    of_lane = {name: value for name, value in rows.items() if name not in of_bench}
    lane = replace(case.lane or Lane(case.job.queue, Counts()), **of_lane)
    warnings = detect(replace(case.bench, lanes=(lane,), **of_bench))
    return [reason(warning) for warning in warnings if warning.job_id == case.job.id]


def done_by(case: Case, *actions: str) -> str:
    """`by sam@example.com 3 min ago: the reason they gave`, or "" when nobody did any of these here."""
    entry = case.facts.action
    if entry is None or entry.action not in actions:
        return ""
    text = _("by {actor} {ago}: {reason}") if entry.reason else _("by {actor} {ago}")
    return text.format(actor=entry.actor, ago=case.ago(entry.at), reason=entry.reason)


def sentence(text: str) -> str:
    """`text` with one full stop at its end."""
    return text if text.endswith((".", "!", "?")) else joined((text, "."), "")
