"""A worker, and what its host found of its process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .holds import Hold
from .jobs import Job


@dataclass(frozen=True, slots=True)
class Death:
    """A worker's process that has ended, as its host has found, and what became of the job that it ran last."""

    host: str
    pid: int
    #: When that was found.
    at: datetime
    #: The last job that was armed in it, the process of that job, and since when.
    job_id: str
    run_pid: int
    run_at: datetime
    #: The process of the job goes on without its worker, as when only that was killed.
    run_alive: bool

    def runs(self, job: Job) -> bool | None:
        """Whether that job's current run has a process. None: it is not known."""
        if job.id != self.job_id or job.started_at is None or self.run_at < job.started_at - timedelta(seconds=1):
            return None
        return self.run_alive


@dataclass(frozen=True, slots=True)
class Measured:
    """What the reader of a worker's host has measured of it, some seconds ago."""

    #: Resident memory of its own process, and of that of its job. What the two share counts in both.
    rss_bytes: int
    horse_rss_bytes: int | None
    #: From its host to Redis and back.
    round_trip_s: float


#: States in which a worker runs nothing. Others than these may be older than the run, or were never written.
WITHOUT_A_JOB = frozenset({"idle", "suspended"})


@dataclass(frozen=True, slots=True)
class Worker:
    name: str
    state: str  # idle | busy | suspended | started | gone | broken | unknown
    queues: tuple[str, ...] = ()
    job_id: str | None = None
    host: str | None = None
    pid: int | None = None
    #: Of RQ.
    version: str | None = None
    python_version: str | None = None
    born_at: datetime | None = None
    heartbeat_at: datetime | None = None
    #: Redis lets its record go then, if it does not beat before: by the server's clock, not by the worker's.
    expires_in_s: float | None = None
    #: When it was asked to stop while it ran a job: it finishes that one and takes no more.
    draining_since: datetime | None = None
    #: It has recorded its own end. Its state is then `gone`, though its record lives for another minute.
    death_at: datetime | None = None
    #: Runs that have ended since its birth, and for how long they ran in all.
    jobs_ended: int = 0
    worked_s: float = 0.0
    #: Its record does not say where it listens: Redis lost it, and heartbeats alone wrote it anew. `queues` are then
    #: those whose jobs it was seen to run; there may be others.
    unregistered: bool = False
    #: Asked of those without a record: Redis still has a connection of this name.
    connected: bool = False
    #: For who sees one site: it runs a job of another one, which is not named.
    elsewhere: bool = False
    #: Its host has no such process any more. Its state is then `gone`, though its record may live for minutes.
    died: Death | None = None
    #: Somebody told it to take no work for a while.
    quiet: Hold | None = None
    #: Nobody listens on its channel: RQ's commands (stop, shutdown) do not reach it.
    deaf: bool = False
    #: It leaves alone what is paused, and can be quiet: it runs `engine.operate.obey`.
    obeys: bool = False
    #: None: its host has no reader.
    measured: Measured | None = None

    @property
    def alive(self) -> bool:
        return self.state != "gone"

    @property
    def takes_work(self) -> bool:
        return self.alive and self.draining_since is None and self.quiet is None

    def has_ended(self, job: Job) -> bool:
        """Whether the run of that job, which was its own, has ended: it runs nothing, and is the same process still."""
        if not self.alive or self.state not in WITHOUT_A_JOB or self.born_at is None or job.started_at is None:
            return False
        return job.worker == self.name and self.born_at <= job.started_at

    def heartbeat_age_s(self, now: datetime) -> float | None:
        return max((now - self.heartbeat_at).total_seconds(), 0.0) if self.heartbeat_at else None
