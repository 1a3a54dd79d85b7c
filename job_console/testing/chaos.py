"""Kills a job at each of its commits, has it run again, and compares what came out.

A kill is an exception that nothing catches, raised inside the commit: what was not committed is undone, no hook counts
the run, and the same job is put back, as after its worker was lost. What a process does in `finally` happens here, and
would not after a real kill; in the database it is undone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rq import Queue
from rq.job import Job

from job_console.engine.progress.early_exit import EarlyExit

from .recorded import EnqueuedJob
from .store import Saved
from .transaction import undone

if TYPE_CHECKING:
    from .jobs import Jobs

#: Kills of one proof; of a job with more commits every so many is tried.
_MOST_KILLS = 60


class Killed(EarlyExit):
    pass


@dataclass(frozen=True)
class Kill:
    commit: int
    of: int
    #: `before`: its work is lost. `after`: it is committed, and what was to follow the commit did not happen.
    when: str

    def __str__(self) -> str:
        return f"{self.when} commit {self.commit} of {self.of}"


class _Counter:
    """Counts the commits of an attempt, and kills it at one of them."""

    def __init__(self, kill: Kill | None = None) -> None:
        self.commits = 0
        self.has_killed = False
        self._kill = kill

    def __call__(self, when: str) -> None:
        if when == "before":
            self.commits += 1
        kill = self._kill
        if self.has_killed or (kill is not None and (kill.commit, kill.when) == (self.commits, when)):
            self.has_killed = True  # whoever catches it goes on in a process that is dead
            raise Killed(f"Killed {kill}")


def prove(jobs: Jobs, job: EnqueuedJob, result: Callable[[], Any]) -> tuple[Kill, ...]:
    """Raises AssertionError for the first kill after which the job, run again, ends with another result."""
    counter = _Counter()
    expected = _outcome(jobs, job, result, counter)
    kills = [Kill(commit, counter.commits, when) for commit in range(1, counter.commits + 1) for when in _WHEN]
    kills = kills[:: len(kills) // _MOST_KILLS + 1]
    for kill in kills:
        try:
            found = _outcome(jobs, job, result, _Counter(kill))
        except Exception as error:
            raise AssertionError(f"Killed {kill} and run again, {job} fails: {error}") from error
        if found != expected:
            raise AssertionError(
                f"Killed {kill} and run again, {job} ends with another result.\n"
                f"    not killed: {expected!r}\n"
                f"        killed: {found!r}"
            )
    return tuple(kills)


_WHEN = ("before", "after")


def _outcome(jobs: Jobs, job: EnqueuedJob, result: Callable[[], Any], counter: _Counter) -> Any:
    """The result of the job, killed or not, and of what it enqueues; all of it is undone."""
    saved, recorded = Saved(jobs.redis), dict(jobs.recorded)
    with undone():
        try:
            _run(jobs, job, counter)
            return result()
        finally:
            saved.restore()
            jobs.recorded.clear()
            jobs.recorded.update(recorded)


def _run(jobs: Jobs, job: EnqueuedJob, counter: _Counter) -> None:
    queue, taken = waiting(jobs, job)
    ran = jobs.attempt(taken, queue, counter)
    if counter.has_killed:
        again = Job.fetch(job.id, connection=jobs.redis)
        if again.get_status() == "failed":
            again.requeue()
    elif ran.error is not None and not isinstance(ran.error, EarlyExit):
        raise ran.error
    jobs.run_enqueued()


def waiting(jobs: Jobs, job: EnqueuedJob) -> tuple[Queue, Job]:
    """Takes the job from its lane. Raises AssertionError when it does not wait there."""
    for queue in jobs.lanes():
        if jobs.redis.lpos(queue.key, job.id) is not None:
            taken = jobs.take(queue, job.id)
            if taken is not None:
                return queue, taken
    raise AssertionError(f"{job} does not wait: it has run, or is not due.")
