"""What is remembered of a job's attempts, and of methods that fail every time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt that ended badly. `lost`: its process died, so nobody knows how far it came."""

    at: datetime | None
    type: str
    message: str = ""
    lost: bool = False
    #: When it had begun; None: not known.
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tries:
    #: `stamp` of the record's creation: a job that is enqueued anew under the same id begins to count anew.
    born: str
    #: `stamp` of the start of the run that was judged last.
    run: str
    failed: int
    #: How many attempts the policy gives it in all.
    of: int
    #: One of AGAIN, GAVE_UP, ASKS, and why, in a sentence.
    then: str
    why: str = ""
    policy: str = ""
    #: What its failure counts for: see `circuit`. "": for nothing.
    circuit: str = ""
    next_at: datetime | None = None
    #: The last ones, oldest first.
    history: tuple[Try, ...] = ()


@dataclass(frozen=True, slots=True)
class Circuit:
    """One that is open."""

    site: str
    method: str
    #: The job that failed last, its lane, and what it met.
    job_id: str
    queue: str
    error: str
    opened_at: datetime | None
    #: When one retry may pass.
    trial_at: datetime | None
    #: Different jobs that failed since one ended well.
    jobs: int
    #: Retries that wait for it.
    held: int
