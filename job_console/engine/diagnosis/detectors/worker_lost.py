"""`worker_lost`: a started job whose worker is gone or has stopped beating (killed, host died).

With every beat a worker says until when it will beat again. A forking worker promises 90 s at most; one that does not
fork promises the job's timeout and a minute, and is silent until then, so the age of a heartbeat alone would accuse it
falsely. The promise stands in two places: the worker's record expires then, by the server's clock, and the job's lease
(its score among the running ones) ends then, by the worker's own. So while its record lives and names the job, it has
not lost it, whatever the lease says: its clock may be wrong, and then `worker_stale` says so. And while its lease goes
on, a record that is missing proves nothing: Redis may have lost or evicted it, and the next beat writes it anew.

A worker that does not fork promises 420 s for a job without a timeout, and is silent then for as long as it takes. Of
one that has not beaten since the job began, nobody knows whether it is of that kind: then another sign is needed.
While Redis has a connection of its name, there is no warning; else there is one, but marking the job as failed is not
safe.

A worker waits for the end of a run before it says idle. So one that is idle and has left a job as it was runs it no
more: the job's process ended without a word (`os._exit`, or Redis took no writes when it failed), or the worker was
started anew under the same name. The next run makes it busy before the record says started, and proof takes two looks.
RQ lets a second worker take a name whose record has expired, though the first one was only frozen: who beats for a job
after its worker's record was made anew is the first one, and runs it.

Where the processes of its host are known (`liveness`), nobody waits for a promise to end: the worker is gone as soon as
its process is, and when the job's own process is gone too, nothing can run it any more. When that one goes on, it ends
as it would have; only, nobody stops it at its timeout plus a minute, and nobody renews its lease.

Wrong if: the worker lives and could not reach Redis for longer than its promise (a partition, a stopped virtual
machine); its horse goes on without it; its record and its lease were both lost with Redis's data; or its clock is so
wrong that its lease was over when it was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ...look import limits as look_limits
from ...messages import _, joined
from ...models.bench import Bench, Lane
from ...models.jobs import Job
from ...models.warnings import Remedy, Warning
from ...models.workers import WITHOUT_A_JOB, Death, Worker
from ...progress import flags
from ...wording import duration, iso, many, name
from .. import limits

FAIL = Remedy(
    "fail",
    _("Mark as failed"),
    _(
        "The job moves to the failed jobs, with this as its reason. Jobs that wait for it and allow its failure go on, "
        "as with RQ; an on_failure callback is not called."
    ),
)
#: Of one with attempts of RQ's left: RQ does not retry what somebody stopped.
NOT_AGAIN = Remedy(
    "fail",
    _("Mark as failed"),
    _(
        "The job moves to the failed jobs, with this as its reason. It was asked to end, so it is not tried again, "
        "though attempts of RQ's own are left."
    ),
)
GENTLY = Remedy(
    "stop_gently",
    _("Stop it gently"),
    _("Its process is asked, then interrupted, and only then killed: as long as it can, it rolls back and cleans up."),
    safe=False,
)
START = Remedy(
    "requeue", _("Put it back in the queue"), _("It never began, so it runs for the first time. Checked again first.")
)
REQUEUE = Remedy(
    "requeue",
    _("Put it back in the queue"),
    _("The job runs again from its beginning. What its lost run already did stays done, and may be done twice."),
    safe=False,
)

_MAY_RUN = _(
    "Its process may still run, though: it goes on when its worker alone is killed, and one without a fork is silent "
    "until it ends. Look at the processes of its host first."
)


def fail(now: datetime, job: Job, worker: Worker | None = None) -> Remedy:
    """What RQ's own maintenance does with a lost run. Safe only where it cannot run any more (see `may_still_run`)."""
    remedy = FAIL
    if asked_to_end(job):
        remedy = NOT_AGAIN if job.retries_left else FAIL
    elif job.retries_left:
        left = many(
            job.retries_left,
            _("{count:,} attempt of RQ's own is left: it runs again, as RQ's own maintenance does it."),
            _("{count:,} attempts of RQ's own are left: it runs again, as RQ's own maintenance does it."),
        )
        remedy = Remedy("fail", _("Try it again"), left)
    if may_still_run(now, job, worker):
        return replace(remedy, safe=False, explain=joined((remedy.explain, _MAY_RUN)))
    return remedy


def asked_to_end(job: Job) -> str:
    """Who asked this run to end; "" when nobody did. Its worker may have died of an on_stopped callback."""
    return next((asked.by for what, asked in job.asked.items() if what in flags.TO_END), "")


def may_still_run(now: datetime, job: Job, worker: Worker | None = None) -> bool:
    """Whether a living process could run it without showing in Redis.

    One that does not fork is silent until its job ends. Of one that forks, the worker beats, not the job's process:
    that one goes on when its worker alone is killed. Both end with the job's timeout; without one, nothing says when.
    Unless both have been seen to be gone, on their host, or its worker has seen its end.
    """
    if runs_on(job, worker) is not None:
        return bool(runs_on(job, worker))
    if worker is not None and worker.has_ended(job):
        return False
    if job.lease_until is not None and job.lease_until > now:
        return True
    if not job.timeout_s or job.timeout_s <= 0 or job.started_at is None:
        return True
    return (now - job.started_at).total_seconds() <= job.timeout_s + limits.LEASE_GRACE_S


def runs_on(job: Job, worker: Worker | None) -> bool | None:
    """Whether its process goes on without its worker, whose end is proven. None: that is not proven, or not known."""
    return worker.died.runs(job) if worker is not None and worker.died is not None else None


def remedies(now: datetime, job: Job, worker: Worker | None) -> tuple[Remedy, ...]:
    """What goes on is left to end by itself, or stopped: put back, it would run twice."""
    return (GENTLY,) if runs_on(job, worker) else (fail(now, job, worker), REQUEUE)


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        for job in lane.running:
            reason, evidence = "", dict[str, object]()
            worker = bench.worker(job.worker)
            if job.status == "started":
                reason, evidence = lost(bench.at, job, worker)
            elif job.status == "queued":
                reason, evidence = _never_begun(bench, lane, job), {"record": "queued"}
            if reason:
                text = _("{job} lost its worker: {reason}.")
                yield Warning(
                    code="worker_lost",
                    severity="critical",
                    queue=lane.name,
                    job_id=job.id,
                    worker=job.worker,
                    site=job.site,
                    since=job.heartbeat_at or job.started_at or job.enqueued_at,
                    message=joined((text.format(job=name(job), reason=reason), _was_asked(job))),
                    evidence={"method": job.call.method, **evidence},
                    remedies=remedies(bench.at, job, worker) if job.status == "started" else (START,),
                    # What is killed takes a moment to be gone: that it goes on needs proof.
                    needs_proof=worker is None or worker.died is None or runs_on(job, worker) is True,
                )


def _was_asked(job: Job) -> str:
    by = asked_to_end(job)
    return _("It had been asked to end by {by}, and nothing wrote down that it did.").format(by=by) if by else ""


def promises_nothing(job: Job) -> bool:
    """Whether its worker may be silent for as long as it runs: it has no timeout, and has not beaten since it began."""
    if job.timeout_s and job.timeout_s > 0:
        return False
    beats = (job.heartbeat_at - job.started_at).total_seconds() if job.heartbeat_at and job.started_at else 0.0
    return beats < look_limits.START_S


def lost(now: datetime, job: Job, worker: Worker | None) -> tuple[str, dict[str, object]]:
    """Why this running job has no worker any more, with the evidence; ("", {}) when it has one."""
    evidence: dict[str, object] = {
        "worker": job.worker,
        "last_heartbeat": job.heartbeat_at.isoformat() if job.heartbeat_at else None,
        "host": worker.host if worker else None,
        "pid": worker.pid if worker else None,
    }
    if worker is not None and worker.death_at is not None:
        return _("that worker has ended, as its record says"), {**evidence, "death": worker.death_at.isoformat()}
    if worker is not None and worker.died is not None:
        return _killed(job, worker.died, evidence)
    if worker is None or not worker.alive:
        leased = job.lease_until is not None and now <= job.lease_until
        if leased or (worker is not None and worker.connected and promises_nothing(job)):
            return "", {}
        return _("that worker's record is gone"), evidence
    if worker.job_id != job.id and _another_beats(now, job, worker):
        return "", {}
    if worker.state in WITHOUT_A_JOB:
        if worker.born_at is not None and job.started_at is not None and worker.born_at > job.started_at:
            return _("that worker has been started anew since"), evidence
        return _("that worker is idle: the process of the job ended and said nothing"), evidence
    if worker.job_id == job.id:
        silent = _silent(now, job, worker)
        return (silent, evidence) if silent else ("", {})
    if job.lease_until and now > job.lease_until:
        return _("its lease ran out {duration} ago").format(
            duration=duration((now - job.lease_until).total_seconds())
        ), evidence
    if worker.job_id is not None:
        return _("that worker is busy with another job"), evidence  # whose id another site may own
    return "", {}


def _another_beats(now: datetime, job: Job, worker: Worker) -> bool:
    """Whether the job's lease was renewed after this worker, who does not run it, had registered itself."""
    if job.heartbeat_at is None or worker.born_at is None or job.lease_until is None:
        return False
    return job.heartbeat_at > worker.born_at > (job.started_at or worker.born_at) and job.lease_until > now


def _killed(job: Job, died: Death, evidence: dict[str, object]) -> tuple[str, dict[str, object]]:
    runs = died.runs(job)
    words = _("process {pid} on {host} is gone")
    if runs:
        words = _(
            "process {pid} on {host} is gone, but process {run_pid} goes on with the job. Nobody renews its lease, so "
            "RQ may run it again"
        )
    elif runs is not None and died.run_pid != died.pid:
        words = _("process {pid} on {host} is gone, and so is that of the job, {run_pid}")
    return words.format(pid=died.pid, host=died.host, run_pid=died.run_pid), {
        **evidence,
        "host": died.host,
        "pid": died.pid,
        "started_at": iso(job.started_at),
        "found_gone_at": died.at.isoformat(),
        "job_pid": died.run_pid if runs is not None else None,
        "job_runs": runs,
    }


def _silent(now: datetime, job: Job, worker: Worker) -> str:
    """A record that names the job proves that it runs as long as Redis will let it go; one without an end does not."""
    age = worker.heartbeat_age_s(now)
    over = job.lease_until is not None and now > job.lease_until and not promises_nothing(job)
    if worker.expires_in_s is not None or not over or age is None or age <= look_limits.IDLE_HEARTBEAT_LATE_S:
        return ""
    return _("its lease is over, and that worker has not been heard of for {duration}").format(duration=duration(age))


def _never_begun(bench: Bench, lane: Lane, job: Job) -> str:
    """RQ 2 notes a run just before it forks. Whoever is between the two is busy, names no job, and has just beaten. A
    worker that names the job runs it: it was enqueued again meanwhile, which made its record anew (`duplicated`)."""
    if any(worker.alive and worker.job_id == job.id for worker in bench.workers):
        return ""
    about_to = [
        worker
        for worker in bench.workers
        if worker.state == "busy"
        and worker.job_id is None
        and lane.name in worker.queues
        and (worker.heartbeat_age_s(bench.at) or 0.0) <= look_limits.START_S
    ]
    return "" if about_to else _("it was killed before the run began")
