"""Stops running jobs: at once, or gently, by one step (rung) after the other until the job has ended.

1. *Ask*: a flag that `track`, `progress` and `each` read at the next item. It costs nothing.
2. *Interrupt*: an exception in the job's main thread, wherever it is in its Python code. The job rolls back, releases
   its locks and cleans up. It costs what is not committed.
3. *Stop*: RQ's own command. A worker that forks kills its horse: no clean-up; the database rolls back by itself, locks
   end with their leases. A worker that does not fork ends with it.
4. *Kill*: the reader of its host kills the process. RQ finds the job failed.

What each step did is read from the job, never assumed. Only the run that was meant is stopped: a job that has ended and
begun again meanwhile, by a retry or its schedule, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic, sleep

from .. import wording
from ..look.reader import JobReader
from ..messages import _
from ..models.jobs import Job
from ..models.outcomes import Outcome
from ..progress import flags
from ..redis.link import Redis
from ..stacks import asking
from . import limits
from .job_requests import send
from .request import Request

_BY_RUNG = {
    flags.STOP: _("It heard the request, and ended by itself. What it had not committed was rolled back."),
    flags.INTERRUPT: _("It did not listen, and was interrupted: it rolled back, gave its locks back and cleaned up."),
    flags.HARD_STOP: _("It could not be interrupted, and its worker killed it. What it had committed stays."),
    flags.KILL: _("Its worker did not end it, and its process was killed. What it had committed stays."),
}
_NOT_YET = _("Its worker was told, and has not stopped it yet. A worker that is gone never will.")
_DEAF = _(
    "Its worker does not listen to commands: it has lost its connection, or is gone. Stop it gently: that asks the job "
    "itself, and its host."
)
_BEGUN_AGAIN = _("That run has ended, and the job runs again: the new run is left alone.")


def stop(
    redis: Redis, reader: JobReader, request: Request, jobs: Mapping[str, Job], job_ids: Sequence[str]
) -> dict[str, Outcome]:
    """Send RQ's stop command to the workers, then watch what really happens, as the command has no answer."""
    outcomes, running = _running(jobs, job_ids)
    deaf: set[str] = set()
    for job_id in list(running):
        # Noted, too: else what a worker that does not fork leaves behind would be taken for lost, and put back.
        sent = send(redis, request, jobs[job_id], flags.HARD_STOP, commands_worker=True)
        if sent.failure is not None:
            outcomes[job_id] = sent.failure
            running.remove(job_id)
        elif not sent.received:
            flags.withdraw(redis, job_id, flags.HARD_STOP)  # nobody is to stop it: when it fails, it failed
            deaf.add(job_id)
    for job in _ended(reader, jobs, running, limits.STOP_WAIT_S):
        reported = (
            "" if job.status == "stopped" else _by_itself(job, _("It ended by itself before it could be stopped."))
        )
        outcomes[job.id] = Outcome(job.id, job.status == "stopped", "started", job.status, reported)
        running.remove(job.id)
    for job_id in running:
        reported = _DEAF if job_id in deaf else _NOT_YET
        outcomes[job_id] = Outcome(job_id, False, "started", "started", reported)
    return outcomes


def climb(
    redis: Redis, reader: JobReader, request: Request, jobs: Mapping[str, Job], job_ids: Sequence[str]
) -> dict[str, Outcome]:
    """Stop these jobs gently, rung by rung. Each rung is recorded on the job (`Job.asked`), so that the page
    shows it.
    """
    outcomes, running = _running(jobs, job_ids)
    for rung in (flags.STOP, flags.INTERRUPT, flags.HARD_STOP, flags.KILL):
        for job_id in list(running):
            if _ended(reader, jobs, [job_id], 0.0):  # while the others were asked
                continue
            sent = send(redis, request, jobs[job_id], rung, commands_worker=rung == flags.HARD_STOP)
            if sent.failure is not None:
                outcomes[job_id] = sent.failure
                running.remove(job_id)
                continue
            _take(redis, rung, jobs[job_id], _words(request.actor, request.reason))
        for job in _ended(reader, jobs, running, _patience(rung, [jobs[job_id] for job_id in running])):
            ok = job.status in ("stopped", "failed")
            by_itself = _("It ended by itself before that: it is {status}.").format(status=wording.state(job.status))
            reported = _BY_RUNG[rung] if ok else _by_itself(job, by_itself)
            outcomes[job.id] = Outcome(job.id, ok, "started", job.status, reported)
            running.remove(job.id)
    for job_id in running:
        reason = _("It was asked, interrupted, stopped and killed, and still runs: its host does not answer.")
        outcomes[job_id] = Outcome(job_id, False, "started", "started", reason)
    return outcomes


def _take(redis: Redis, rung: str, job: Job, text: str) -> None:
    """Beyond the flag, which is the first rung, and RQ's command, which went out with its flag. What needs a reader is
    passed over where none answers."""
    try:
        if rung == flags.INTERRUPT:
            asking.interrupt(redis, job.id, job.started_at, text)
        elif rung == flags.KILL:
            asking.kill(redis, job.id, job.started_at)
    except asking.NotSeen:
        return


def _patience(rung: str, jobs: Iterable[Job]) -> float:
    """How many seconds to wait after a rung: none after the flag if no job reports progress, as none reads it then."""
    if rung == flags.STOP and not any(job.progress and not job.progress.from_frappe for job in jobs):
        return 0.0
    return limits.RUNG_WAIT_S


def _running(jobs: Mapping[str, Job], job_ids: Sequence[str]) -> tuple[dict[str, Outcome], list[str]]:
    """(outcomes of jobs that do not run, the ids of those that do)."""
    running = [job_id for job_id in job_ids if jobs[job_id].status == "started" and jobs[job_id].worker]
    states = {job_id: jobs[job_id].status for job_id in job_ids if job_id not in running}
    refused = {
        job_id: Outcome(job_id, False, state, state, wording.nothing_runs(state)) for job_id, state in states.items()
    }
    return refused, running


def _ended(reader: JobReader, jobs: Mapping[str, Job], job_ids: Sequence[str], patience_s: float) -> list[Job]:
    """Wait for at most `patience_s`; the jobs whose run, as it is in `jobs`, has ended, as they are then."""
    deadline = monotonic() + patience_s
    while job_ids:
        found = reader.read(list(job_ids))
        ended = [job for job in found if job.status != "started" or job.started_at != jobs[job.id].started_at]
        if len(ended) == len(job_ids) or monotonic() >= deadline:
            return ended
        sleep(0.05)
    return []


def _by_itself(job: Job, words: str) -> str:
    return _BEGUN_AGAIN if job.status == "started" else words


def _words(by: str, reason: str) -> str:
    return f"Stopped by {by}{f': {reason}' if reason else ''}"
