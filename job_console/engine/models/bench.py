"""A bench at one moment: its lanes and workers, with what our own keys add to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from .ended_well import NOT_ASKED, EndedWell
from .expected import Expected, Pace
from .holds import Hold
from .jobs import Job
from .lately import Lately
from .locks import LockState
from .policy_match import Policies
from .progress import Progress
from .retries import Circuit
from .schedule import Schedule
from .silences import Silence
from .stacks import Seen
from .sweeps import DutyRecord, Memory, Surveyed
from .warnings import Warning
from .workers import Worker


def label(queue: str) -> str:
    """`short` of `home-frappe-frappe-bench:short`: Frappe puts the bench's id before the colon. A name of which nothing
    would be left to read stands in quotation marks.
    """
    short = queue.rpartition(":")[2]
    return short if short.strip() else f'"{queue}"'


@dataclass(frozen=True, slots=True)
class Counts:
    queued: int = 0
    started: int = 0
    failed: int = 0
    finished: int = 0
    deferred: int = 0
    scheduled: int = 0
    canceled: int = 0
    #: How many of the failed jobs are out of attempts.
    dead: int = 0


@dataclass(frozen=True, slots=True)
class Orphan:
    """An id whose record is gone."""

    job_id: str
    #: queued (in the head), started, scheduled (and due), deferred, or intermediate.
    where: str
    #: For `started`: until then the job may still be running.
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One queue: what waits, runs and failed lately."""

    name: str
    counts: Counts
    running: tuple[Job, ...] = ()
    head: tuple[Job, ...] = ()
    failures: tuple[Job, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    #: Ids that stand in the head of the queue several times, and those that run several times at once.
    twice: tuple[str, ...] = ()
    #: Taken from the queue, not started yet (rq >= 1.16, workers on one queue).
    intermediate: tuple[Job, ...] = ()
    #: The job that has waited longest, of those that were read, and since when. Sure: none can have waited longer.
    oldest: Job | None = None
    oldest_enqueued_at: datetime | None = None
    oldest_is_sure: bool = True
    #: Scheduled, and their time has passed; the longest overdue first.
    overdue: tuple[Job, ...] = ()
    #: Jobs that wait for others; see `Bench.dependencies`.
    deferred: tuple[Job, ...] = ()
    #: Paused: their last run has left them until somebody resumes them.
    parked: tuple[Job, ...] = ()
    #: There may be more of them.
    parked_at_least: bool = False
    #: A worker with RQ's own scheduler looks after this lane's scheduled jobs. Frappe's workers have none.
    has_mover: bool = False
    #: The lock of RQ's scheduler is there, and none that a running one keeps: it has no time to live, or a very long
    #: one. While it is there no scheduler takes the lane.
    stray_lock: bool = False
    #: Keys of this lane that hold something else than RQ's data. What stands there is not seen.
    broken: tuple[str, ...] = ()
    #: Somebody paused it: workers that obey take nothing from it.
    paused: Hold | None = None

    @property
    def label(self) -> str:
        return label(self.name)


@dataclass(frozen=True, slots=True)
class RedisHealth:
    version: str | None = None
    used_bytes: int | None = None
    max_bytes: int | None = None
    eviction: str | None = None
    #: False: the last attempt to write its data to disk failed.
    saves: bool = True
    #: The host that it copies. Such a server takes no writes.
    replica_of: str | None = None
    #: It belongs to a Redis Cluster, be it of one node.
    cluster: bool = False
    clients: int | None = None
    max_clients: int | None = None
    #: Another one after each start of the server, and for how long it has run.
    run_id: str | None = None
    uptime_s: float | None = None
    #: Keys that it read from its snapshot when it started; None: it does not say (Redis before 7).
    loaded_keys: int | None = None


@dataclass(frozen=True, slots=True)
class Ghost:
    """A record that says `queued` or `started`, while no queue, registry or worker has the job."""

    job: Job
    status: str  # queued | started


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for a method, from its history. Times are of runs that succeeded."""

    runs: int
    median_s: float | None
    p99_s: float | None
    wait_median_s: float | None
    failed: int = 0
    #: How many ran for how long, by the buckets of `statistics`.
    buckets: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FailedRun:
    """One recent failure: from RQ's registry, or from our own log."""

    method: str
    job_id: str
    at: datetime
    type: str
    message: str = ""
    queue: str | None = None
    site: str | None = None
    #: Its last progress report.
    progress: Progress | None = None
    scheduled: bool = False
    #: When its process was killed: what was last seen of it.
    remains: Seen | None = None


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same payload, byte for byte, among the first jobs of a lane."""

    queue: str
    job: Job  # the first of them
    count: int
    of: int  # how many waiting jobs were compared
    since: datetime
    digest: str = ""  # of the payload


@dataclass(frozen=True, slots=True)
class Bench:
    """A whole bench at one moment of the Redis server's clock."""

    at: datetime
    lanes: tuple[Lane, ...]
    workers: tuple[Worker, ...]
    redis: RedisHealth = RedisHealth()
    suspended: bool = False
    #: When the suspension ends by itself. None: it does not.
    suspended_until: datetime | None = None
    #: Who suspended it, when that was written down.
    suspension: Hold | None = None
    #: RQ's own sets, of queues and of workers, that hold something else.
    broken: tuple[str, ...] = ()
    #: What somebody told to take no work for a while, by place.
    holds: Mapping[str, Hold] = field(default_factory=dict)
    #: Jobs that workers hold, by id, also those beyond the rows of their lane.
    held: Mapping[str, Job] = field(default_factory=dict)
    ghosts: tuple[Ghost, ...] = ()
    #: Status of each job that a lane's `deferred` wait for; None: its record is gone.
    dependencies: Mapping[str, str | None] = field(default_factory=dict)
    #: History of the methods on screen, as far as there is one.
    usual: Mapping[str, Usual] = field(default_factory=dict)
    #: Those of the sites that publish theirs, by site.
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    #: Depth of a lane at which `frappe.enqueue` refuses. None: there is no such limit, or it is not known.
    enqueue_limit: int | None = None
    #: Failures of the last hour, newest first; and when what fails again and again last succeeded, by site and method.
    failed_lately: tuple[FailedRun, ...] = ()
    #: Of lanes with more failures than were read: what failed later than this was read, by the lane's name.
    failures_since: Mapping[str, datetime] = field(default_factory=dict)
    succeeded_at: Mapping[tuple[str | None, str], datetime] = field(default_factory=dict)
    #: Asked only when something failed lately; else it begins now.
    ended_well: EndedWell = NOT_ASKED
    repeated: tuple[Repeated, ...] = ()
    #: What the last half hour was like, beside what is usual at such an hour.
    lately: Lately = field(default_factory=Lately)
    #: Locks that are held or waited for.
    locks: tuple[LockState, ...] = ()
    #: There may be more of them than were read.
    locks_are_cut: bool = False
    #: What the last sweeps did and knew.
    duties: tuple[DutyRecord, ...] = ()
    memory: Memory = field(default_factory=Memory)
    surveyed: Surveyed = field(default_factory=Surveyed)
    policies: Policies = field(default_factory=Policies)
    #: Methods whose retries are held, by the circuit's name.
    circuits: Mapping[str, Circuit] = field(default_factory=dict)
    #: Lanes that our user of Redis may not read: other benches' (ACL).
    unreadable: tuple[str, ...] = ()
    #: It may not use our own keys either: then there are no locks, policies, statistics.
    without_ours: bool = False
    #: What was found of jobs that nothing runs or will run, by id: proven, also where another warning explains it.
    lost: Losses = field(default_factory=dict)
    #: Warnings that somebody acknowledged, snoozed or muted.
    silences: tuple[Silence, ...] = ()
    #: How fast work goes; and when a job that came to the end of a lane in which some wait should start, worked out
    #: when it is asked for. Not there: it cannot be told.
    pace: Pace = field(default_factory=Pace)
    drains: Callable[[], Mapping[str, Expected]] = dict

    def lane(self, name: str) -> Lane | None:
        return next((lane for lane in self.lanes if lane.name == name), None)

    def serving(self, queue: str) -> list[Worker]:
        """The workers that take this lane's jobs: alive, and not asked to stop."""
        return [worker for worker in self.workers if worker.takes_work and queue in worker.queues]

    def deaf(self, queue: str) -> list[Worker]:
        """The workers that take this lane's jobs even while it is paused."""
        return [worker for worker in self.serving(queue) if not worker.obeys]

    def worker(self, name: str | None) -> Worker | None:
        return next((worker for worker in self.workers if worker.name == name), None)


#: What was found of jobs, by their ids.
Losses: TypeAlias = Mapping[str, Warning]
