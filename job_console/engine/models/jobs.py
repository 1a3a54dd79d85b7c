"""Jobs as everybody sees them: frozen, times aware UTC datetimes, durations seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .progress import Asked, Progress
from .retries import Tries

#: RQ's `JobStatus` values that a record can hold, in the order in which a list of all jobs shows them.
STATUSES = ("started", "queued", "scheduled", "deferred", "failed", "canceled", "finished")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run ended badly. `type` is the exception's name as the traceback's last line gives it."""

    type: str
    message: str
    traceback: str | None = None
    #: Why this is not all of it.
    cut: str | None = None
    #: on_success: the work was done, and this callback failed. on_failure: that failed too, after this error.
    callback: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """What a payload asks for, seen through Frappe's wrapper."""

    method: str
    label: str
    kind: str  # method | scheduled | document | other | unreadable
    site: str | None = None
    user: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    document: tuple[str, str] | None = None
    scheduled_job: str | None = None
    #: Why it could not be read, or not all of it.
    problem: str | None = None
    #: No worker with RQ's own serializers can read it either: its bytes are no payload of theirs.
    broken: bool = False
    #: They begin like neither a pickle nor JSON: another serializer may have written them, and its workers read them.
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    queue: str
    status: str
    call: Call
    created_at: datetime | None = None
    enqueued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    heartbeat_at: datetime | None = None
    due_at: datetime | None = None
    timeout_s: float | None = None
    attempt: int = 1
    worker: str | None = None
    error: Failure | None = None
    dependencies: tuple[str, ...] = ()
    #: Score of its entry in the running registry: the moment at which RQ calls it abandoned. None: no entry.
    lease_until: datetime | None = None
    payload_bytes: int = 0
    #: How far it has come, as it reports itself.
    progress: Progress | None = None
    #: What is asked of its present run, by what: see `progress.flags`.
    asked: Mapping[str, Asked] = field(default_factory=dict)
    #: It failed when somebody had asked that run to end.
    asked_to_end: bool = False
    #: What is remembered of its attempts, when one has failed.
    tries: Tries | None = None
    #: It is scheduled, and brought back to its lane by us: when. Also one that the application asked RQ for.
    retry_at: datetime | None = None
    #: RQ's own retries: how many are left, and after how many seconds each. None: it has none.
    retries_left: int | None = None
    retry_intervals: tuple[float, ...] = ()
    #: RQ's `Repeat` (2.2 and later): how many runs are still to follow one that ended well, and after how many seconds.
    repeats_left: int | None = None
    repeat_intervals: tuple[float, ...] = ()
    #: One that it waits for may also fail (`Dependency(allow_failure=True)`).
    allows_failures: bool = False
    #: For how long RQ keeps it when it has failed, and its result; negative: for ever. None: RQ's default.
    failure_ttl_s: float | None = None
    result_ttl_s: float | None = None
    #: Why RQ cannot load its record: each worker that takes it ends.
    unloadable: str | None = None

    @property
    def site(self) -> str | None:
        return self.call.site

    @property
    def kept_s(self) -> float | None:
        """For how long RQ keeps its record when it has ended; negative: for ever. None: RQ's default."""
        return self.result_ttl_s if self.status == "finished" else self.failure_ttl_s

    @property
    def repeats(self) -> bool:
        """It ended well and is to run again, by RQ's Repeat: of its last repeat none is left. What is enqueued with the
        id of one that is scheduled leaves an entry behind, and is none."""
        return self.status == "finished" and self.repeats_left is not None

    def elapsed_s(self, now: datetime) -> float | None:
        """How long its run has lasted, or lasted in all; None before it starts."""
        if self.started_at is None:
            return None
        end = now if self.status == "started" else self.ended_at
        return max((end - self.started_at).total_seconds(), 0.0) if end else None


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt of a job."""

    attempt: int
    outcome: str  # successful | failed | stopped | retried | running
    started_at: datetime | None
    ended_at: datetime | None
    worker: str | None = None
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a page was looked for: `scanned` of `of` jobs. Asked for with `cursor`, the next call goes on there."""

    scanned: int
    of: int
    cursor: str


@dataclass(frozen=True, slots=True)
class Page:
    total: int
    approximate: bool
    page: int
    size: int
    jobs: tuple[Job, ...]
    #: What has ended is too much to be put in the order of its ends: it stands lane by lane, by when RQ will drop it.
    by_expiry: bool = False
    #: The order that was asked for, where the jobs are in it.
    sort: str | None = None
    #: Why they are not.
    unsorted: str | None = None
    #: Where the time for it was over before the page that was asked for was reached. The jobs are then of the last page
    #: that was (`page`), or fewer of the one that was asked for.
    reached: Reached | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    job: Job
    runs: tuple[Run, ...]
    #: 1: next to run. None: not in its queue, or beyond the first `limits.LPOS_DEPTH`.
    position: int | None
    #: What the newest run returned, with placeholders for what we do not import; absent as None.
    result: Any
    dependents: tuple[str, ...]
    expires_at: datetime | None
    #: How many were refused as its duplicates, in the last day.
    in_favour: int = 0
    #: Of a job with RQ's Repeat: how often it is to run again.
    repeats_left: int = 0
    #: How many there are of each; of many only some are named.
    dependents_total: int = 0
    runs_total: int = 0
    #: rq-scheduler, a package of its own, is to enqueue it then.
    scheduler_due_at: datetime | None = None
