"""A lock that is not ours, and JSON of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ..locks.wire import time

#: What they are; each has its own way to begin and to end.
FILE, DOCUMENT, SCHEDULER, JOB_ID = "file", "document", "scheduler", "job id"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whoever has it: a process of this host, or a job."""

    pid: int | None = None
    host: str | None = None
    command: str | None = None
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class OtherLock:
    kind: str
    name: str
    #: orphaned (held by a job that nothing runs) | held | unknown | free: whether it stands in anybody's way.
    state: str
    #: For people: what it is, and how it ends.
    says: str
    site: str | None = None
    since: datetime | None = None
    owner: Owner | None = None
    #: Doctype and name, where the lock is of a document that we can name.
    document: tuple[str, str] | None = None

    @property
    def key(self) -> str:
        """Of all locks, ours too (`SITE|KEY`), this one."""
        return f"{self.kind}:{self.site or '*'}:{self.name}"


def wire(lock: OtherLock, now: datetime) -> dict[str, Any]:
    age = max((now - lock.since).total_seconds(), 0.0) if lock.since else None
    return {
        "key": lock.key,
        "kind": lock.kind,
        "name": lock.name,
        "state": lock.state,
        "says": lock.says,
        "site": lock.site,
        "since": time(lock.since) if lock.since else None,
        "age_s": None if age is None else round(age, 3),
        "owner": asdict(lock.owner) if lock.owner else None,
        "document": list(lock.document) if lock.document else None,
    }
