"""`blocked_dependency`: deferred on jobs of which none will ever enqueue it.

RQ enqueues a deferred job in the step in which one of those that it waits for ends well (or fails, where it allows
failures), if by then all the others have finished, have failed and may, or are gone: a finished job's record expires.
So it is blocked when one of them has ended in another way; or when none of them is still to end, and so nothing is left
that would enqueue it.

Wrong if: one that ended badly is tried again, by somebody or by a policy; a step of RQ's between two of its writes was
seen twice; or something else than RQ puts it in its queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...messages import Message, _, listed
from ...models.bench import Bench
from ...models.jobs import Job
from ...models.warnings import Remedy, Warning
from ...rq.call import ids_of_sites
from ...wording import iso, name

REQUEUE = Remedy(
    "requeue",
    _("Run it all the same"),
    _("It goes to its queue and runs, though what it waits for has not ended well."),
    safe=False,
)
REQUEUE_READY = Remedy(
    "requeue", _("Put it in its queue"), _("All that it waited for has ended as it may: it may run.")
)
CANCEL = Remedy("cancel", _("Cancel it"), _("The job is canceled, and its id is free. Nothing runs."), safe=False)
_ENDED_BADLY = {
    "failed": _("the job {job} that it depends on failed"),
    "stopped": _("the job {job} that it depends on was stopped"),
    "canceled": _("the job {job} that it depends on was canceled"),
    None: _("the job {job} that it depends on is gone"),
}


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        for job in lane.deferred:
            culprit, why = _blocked(job, bench)
            if not why:
                continue
            yield Warning(
                code="blocked_dependency",
                severity="warning",
                queue=lane.name,
                job_id=job.id,
                site=job.site,
                since=job.enqueued_at or job.created_at,
                message=_("{job} waits for ever: {why}.").format(job=name(job), why=why),
                evidence={
                    "method": job.call.method,
                    "dependency": culprit,
                    "dependency_status": bench.dependencies[culprit] or "gone",
                    "created_at": iso(job.created_at),
                },
                remedies=_remedies(job, culprit, bench.dependencies[culprit]),
                needs_proof=True,
                private=ids_of_sites(*bench.dependencies),
            )


def _blocked(job: Job, bench: Bench) -> tuple[str, str]:
    """(the job that blocks it, why); ("", "") when it may still run."""
    known = {awaited: bench.dependencies[awaited] for awaited in job.dependencies if awaited in bench.dependencies}
    bad = next((awaited for awaited, status in known.items() if status in bad_ends(job)), None)
    if bad is not None:
        return bad, _ENDED_BADLY[known[bad]].format(job=bad)
    if known and len(known) == len(set(job.dependencies)) and not set(known.values()) - {"finished", "failed", None}:
        return _none_left(known)
    circle = _circle(job, {other.id: other for lane in bench.lanes for other in lane.deferred})
    if circle and job.id == min(circle):  # one warning for the circle
        return job.dependencies[0], _in_words(circle)
    return "", ""


def circle_of(job: Job, others: Iterable[Job]) -> str:
    """In words, of each job of a circle; "" when it is in none that these show. The warning is of one of them."""
    circle = _circle(job, {other.id: other for other in (job, *others) if other.status == "deferred"})
    return _("{job} waits for ever: {why}.").format(job=name(job), why=_in_words(circle)) if circle else ""


def _in_words(circle: tuple[str, ...]) -> Message:
    if not circle[1:]:
        return _("it depends on itself: it was enqueued with the id of what it is to run after")
    return _("it depends on itself, by way of {circle}").format(circle=listed(circle[1:]))


def bad_ends(job: Job) -> frozenset[str]:
    """How one that it waits for may not end. A record that is gone is none of them: RQ passes over it."""
    return frozenset({"stopped", "canceled"} if job.allows_failures else {"failed", "stopped", "canceled"})


def _none_left(known: Mapping[str, str | None]) -> tuple[str, str]:
    """All have ended as they may, or are gone, and none enqueued it."""
    gone = next((awaited for awaited, status in known.items() if status is None), None)
    if gone is not None and len(known) == 1:
        return gone, _ENDED_BADLY[None].format(job=gone)
    if gone is not None:
        return gone, _("the job {job} that it depends on is gone, and none of the others is still to end").format(
            job=gone
        )
    if "failed" in known.values():
        return next(iter(known)), _("all that it depends on has ended, and nothing enqueued it")
    return next(iter(known)), _("all that it depends on has finished, and nothing enqueued it")


def _remedies(job: Job, culprit: str, status: str | None) -> tuple[Remedy, ...]:
    if _ready(job, status):
        return (REQUEUE_READY,)
    # In a circle each waits for one that is to run first, and an action asks for that: canceled, it blocks no more.
    in_a_circle = status == "deferred" and culprit != job.id
    return (CANCEL,) if in_a_circle else (REQUEUE, CANCEL)


def _ready(job: Job, status: str | None) -> bool:
    return status == "finished" or (status == "failed" and job.allows_failures)


def _circle(start: Job, deferred: Mapping[str, Job]) -> tuple[str, ...]:
    """The ids from this job back to itself; () when there is no such way."""
    ways: list[tuple[str, ...]] = [(start.id,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        job = deferred.get(way[-1])
        for awaited in job.dependencies if job else ():
            if awaited == start.id:
                return way
            if awaited not in seen:
                seen.add(awaited)
                ways.append((*way, awaited))
    return ()
