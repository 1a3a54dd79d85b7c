"""`scheduled_overdue`: due, but nothing on this bench moves it to its queue.

RQ keeps jobs for later, and retries with an interval, in a registry that only a worker with RQ's own scheduler empties;
it holds a lock per lane while it does, and renews it each second for a minute; one without a time to live, or with a
longer one, proves no scheduler, and keeps others away. Frappe's workers have none (its schedule is another thing).
Retries are also in our own index, and are moved by `duty_thread`, by every job that ends and by every sweep: for these
there is a warning only when none of them has run for minutes.

Wrong if: a scheduler of RQ took its lock after the look; a program of somebody's own runs one that looks less often
than every minute; or a duty of ours or of somebody else's moves what is due.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import _
from ...models.bench import Bench, Lane
from ...models.jobs import Job
from ...models.warnings import Remedy, Warning
from ...redis import keys
from ...wording import duration, iso, name
from .. import limits

REQUEUE = Remedy(
    "requeue", _("Put it in its queue"), _("It is due: it goes to the end of its queue and runs from there.")
)
REPEAT = Remedy(
    "requeue",
    _("Put it in its queue"),
    _(
        "It is due again, as its Repeat says: it goes to the end of its queue, as RQ's scheduler would do it. The "
        "repeats that are left stay."
    ),
)


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        for job in lane.overdue:
            moved = lane.has_mover or job.retry_at is not None
            late = _late_s(bench, job)
            if late <= (limits.OVERDUE_WITH_MOVER_S if moved else limits.OVERDUE_S):
                continue
            yield Warning(
                code="scheduled_overdue",
                severity="warning",
                queue=lane.name,
                job_id=job.id,
                site=job.site,
                since=job.due_at,
                message=_TEXTS[_why(lane, job), job.status == "scheduled"].format(
                    job=name(job), duration=duration(late), lock=keys.scheduler_lock(lane.name)
                ),
                evidence={
                    "method": job.call.method,
                    "due_at": iso(job.due_at),
                    "scheduler_runs": lane.has_mover,
                    **({"stray_lock": keys.scheduler_lock(lane.name)} if lane.stray_lock else {}),
                },
                remedies=(REQUEUE if job.status == "scheduled" else REPEAT,),
                needs_proof=True,
            )


def _late_s(bench: Bench, job: Job) -> float:
    """While the circuit of its method is open, a retry of ours is put off."""
    due = max((moment for moment in (job.due_at, job.retry_at) if moment), default=bench.at)
    return (bench.at - due).total_seconds()


def _why(lane: Lane, job: Job) -> str:
    if job.retry_at is not None:
        return "nobody"
    if lane.stray_lock:
        return "stray"
    return "passed" if lane.has_mover else "none"


#: By why it does not run, and whether it is due or to be repeated.
_TEXTS = {
    ("nobody", True): _(
        "{job} was due {duration} ago and still waits: Job Console moves it when a job ends or somebody looks, and "
        "neither has happened."
    ),
    ("nobody", False): _(
        "{job} was to run again (RQ's Repeat) {duration} ago and still waits: Job Console moves it when a job ends or "
        "somebody looks, and neither has happened."
    ),
    ("passed", True): _("{job} was due {duration} ago and will not run: RQ's scheduler does not come to it."),
    ("passed", False): _(
        "{job} was to run again (RQ's Repeat) {duration} ago and will not run: RQ's scheduler does not come to it."
    ),
    ("stray", True): _(
        "{job} was due {duration} ago and will not run: no running scheduler of RQ keeps the lock {lock}, and while it "
        "is there none takes this lane. Delete that key."
    ),
    ("stray", False): _(
        "{job} was to run again (RQ's Repeat) {duration} ago and will not run: no running scheduler of RQ keeps the "
        "lock {lock}, and while it is there none takes this lane. Delete that key."
    ),
    ("none", True): _("{job} was due {duration} ago and will not run: no scheduler of RQ runs for this lane."),
    ("none", False): _(
        "{job} was to run again (RQ's Repeat) {duration} ago and will not run: no scheduler of RQ runs for this lane."
    ),
}
