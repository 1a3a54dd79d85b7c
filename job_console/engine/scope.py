"""Which site's jobs a viewer may see. Other sites' jobs explain the waiting, so they are counted, and never named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .messages import Message, _
from .models.bench import Bench, Lane
from .models.jobs import Detail, Job
from .models.warnings import Warning
from .models.workers import Worker
from .rq.call import site_of_id


@dataclass(frozen=True, slots=True)
class Scope:
    """`site` None: the whole bench (the operator console). A job whose site cannot be known belongs to no site."""

    site: str | None = None

    def owns(self, job: Job) -> bool:
        return self.site is None or job.site == self.site

    def may_own(self, job_id: str) -> bool:
        """False when the id alone says another site: spares reading the record."""
        return self.site is None or site_of_id(job_id) in (None, self.site)

    def jobs(self, jobs: Iterable[Job]) -> tuple[Job, ...]:
        return tuple(job for job in jobs if self.owns(job))

    def warnings(self, warnings: Iterable[Warning], bench: Bench) -> list[Warning]:
        """Those about this site's jobs, and those about the bench itself, without naming another site's job."""
        mine = (self._discreet(self._anonymous(warning, bench)) for warning in warnings if self._concerns(warning))
        return [self._possible(warning) for warning in mine]

    def _concerns(self, warning: Warning) -> bool:
        if self.site is None or warning.site == self.site:
            return True
        if warning.of_bench:
            return False
        return warning.site is None and (warning.job_id is None or warning.worker is not None or self._own_id(warning))

    def _own_id(self, warning: Warning) -> bool:
        return warning.job_id is not None and site_of_id(warning.job_id) == self.site

    def _anonymous(self, warning: Warning, bench: Bench) -> Warning:
        if self.site is None or warning.site == self.site or warning.job_id is None or self._own_id(warning):
            return warning
        held = bench.held.get(warning.job_id)
        return warning if held is not None and self.owns(held) else replace(warning, job_id=None)

    def _possible(self, warning: Warning) -> Warning:
        """Without remedies that only a site's own desk can carry out."""
        if self.site is not None or not any(remedy.needs_site for remedy in warning.remedies):
            return warning
        return replace(warning, remedies=tuple(remedy for remedy in warning.remedies if not remedy.needs_site))

    def _discreet(self, warning: Warning) -> Warning:
        """Without what its words say of other sites."""
        hidden = [word for word, site in warning.private.items() if self.site not in (None, site)]
        if not hidden:
            return warning
        evidence = {name: _without(value, hidden) for name, value in warning.evidence.items()}
        return replace(warning, message=_without(warning.message, hidden), evidence=evidence, private={})

    def bench(self, bench: Bench) -> ScopedBench:
        if self.site is None:
            return ScopedBench(bench, {})
        hidden = {lane.name: self._elsewhere(lane) for lane in bench.lanes}
        lanes = tuple(
            replace(
                lane,
                running=self.jobs(lane.running),
                head=self.jobs(lane.head),
                failures=self.jobs(lane.failures),
                intermediate=self.jobs(lane.intermediate),
                overdue=self.jobs(lane.overdue),
                parked=self.jobs(lane.parked),
                deferred=self.jobs(lane.deferred),
                orphans=tuple(orphan for orphan in lane.orphans if site_of_id(orphan.job_id) == self.site),
                twice=tuple(job_id for job_id in lane.twice if site_of_id(job_id) == self.site),
            )
            for lane in bench.lanes
        )
        workers = tuple(self._worker(worker, bench) for worker in bench.workers)
        held = {job_id: job for job_id, job in bench.held.items() if self.owns(job)}
        ghosts = tuple(ghost for ghost in bench.ghosts if self.owns(ghost.job))
        duties = tuple(duty for duty in bench.duties if duty.site in (None, self.site))
        schedules = {site: schedule for site, schedule in bench.schedules.items() if site == self.site}
        own = replace(bench, lanes=lanes, workers=workers, held=held, ghosts=ghosts)
        return ScopedBench(replace(own, duties=duties, schedules=schedules), hidden)

    def detail(self, detail: Detail) -> Detail:
        """Without the ids of other sites' jobs among those that it waits for, or that wait for it."""
        awaited = tuple(job_id for job_id in detail.job.dependencies if self.may_own(job_id))
        waiting = tuple(job_id for job_id in detail.dependents if self.may_own(job_id))
        return replace(detail, job=replace(detail.job, dependencies=awaited), dependents=waiting)

    def _worker(self, worker: Worker, bench: Bench) -> Worker:
        job = bench.held.get(worker.job_id or "")
        if job is not None and self.owns(job):
            return worker
        return replace(worker, job_id=None, elsewhere=worker.job_id is not None)

    def _elsewhere(self, lane: Lane) -> Elsewhere:
        return Elsewhere(*(len(rows) - len(self.jobs(rows)) for rows in (lane.running, lane.head, lane.failures)))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How many rows of a lane belong to other sites."""

    running: int = 0
    head: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class ScopedBench:
    bench: Bench
    elsewhere: dict[str, Elsewhere]


def _without(value: Any, words: Sequence[str]) -> Any:
    if isinstance(value, (list, tuple)):
        return [_without(item, words) for item in value]
    if isinstance(value, Message):
        return value.mapped(lambda part: _hidden(part, words))
    return _hidden(value, words) if isinstance(value, str) else value


def _hidden(text: str, words: Sequence[str]) -> str:
    for word in words:
        if text == word:
            return _("(of another site)")
        text = text.replace(word, "(of another site)")
    return text
