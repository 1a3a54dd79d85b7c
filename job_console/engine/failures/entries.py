"""What the index of failures holds of a job and of a group, as JSON in Redis."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..models.jobs import Job
from ..rq import fingerprint
from ..rq import limits as rq_limits


@dataclass(frozen=True, slots=True)
class Entry:
    """A job that stands among a lane's failed ones. `group` "": it does not count, as its record is gone or tells
    something else. `score`: of its place, which another failure of the same job changes."""

    group: str
    score: float
    user: str = ""
    document: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """What is true of all jobs of a group; `example`: what one of them said, whole."""

    key: str
    site: str
    method: str
    type: str
    frame: str
    message: str
    example: str


def group_name(site: str | None, key: str) -> str:
    """Groups are of one site each, so that nobody sees another site's."""
    return f"{key}@{site or ''}"


def of_job(job: Job, score: float) -> tuple[Entry, Kind | None]:
    if job.status != "failed" or job.error is None:
        return Entry("", score), None
    found = fingerprint.of(job.call, job.error)
    name = group_name(job.site, found.key)
    example = job.error.message[: rq_limits.TEXT_CHARS]
    kind = Kind(found.key, job.site or "", found.method, found.type, found.frame, found.message, example)
    return Entry(name, score, job.call.user or "", job.call.document), kind


def entry_text(entry: Entry) -> str:
    values: list[Any] = [entry.group, entry.score, entry.user, *(entry.document or ())]
    return json.dumps(values, separators=(",", ":"))


def entry(value: Any) -> Entry | None:
    """None: nothing is known, or what stands there is none of ours."""
    try:
        group, score, user, *document = json.loads(value or b"null")
        return Entry(str(group), float(score), str(user), _pair(document))
    except (ValueError, TypeError):
        return None


def _pair(document: list[Any]) -> tuple[str, str] | None:
    return (str(document[0]), str(document[1])) if len(document) == 2 else None


def kind_text(kind: Kind) -> str:
    return json.dumps([kind.key, kind.site, kind.method, kind.type, kind.frame, kind.message, kind.example])


def kind(value: Any) -> Kind | None:
    try:
        return Kind(*(str(part) for part in json.loads(value)))
    except (ValueError, TypeError):
        return None
