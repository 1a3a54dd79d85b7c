"""One worker's part of a look: the commands that ask for it, and the worker that their answers make."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..models.workers import WITHOUT_A_JOB, Worker
from ..redis import keys
from ..redis.link import Pipeline, denied, wrong_type
from ..rq.records import moment, number, text
from ..stacks import measured

_FIELDS = (
    "state",
    "queues",
    "current_job",
    "hostname",
    "pid",
    "birth",
    "last_heartbeat",
    "version",
    "python_version",
    "death",
    "shutdown_requested_date",
    "successful_job_count",
    "failed_job_count",
    "total_working_time",
)
ANSWERS = 5


def ask(pipeline: Pipeline, name: str) -> None:
    pipeline.pttl(keys.worker(name))
    pipeline.hmget(keys.worker(name), _FIELDS)
    pipeline.pttl(keys.worker(name))
    pipeline.zscore(keys.OBEDIENT, name)
    measured.ask(pipeline, name)


def build(name: str, answers: Sequence[Any]) -> Worker | None:
    """None: our user of Redis may not read it."""
    before, row, after, obeys, seen = answers
    if denied(row):
        return None
    if wrong_type(row):
        return Worker(name, "broken")
    # A worker that begins or ends a job between the two commands sets another time to live; during a job it is shorter.
    ttl = min(before, after) if before >= 0 else after
    fields = dict(zip(_FIELDS, row, strict=True))
    # A killed worker stays in RQ's set, after its key has expired, until another worker cleans up.
    gone = fields["birth"] is None and fields["last_heartbeat"] is None
    # A worker that ends writes `death`, and RQ keeps the record for another minute. A restarted one has a new record.
    death = moment(fields["death"])
    pid = number(fields["pid"])
    state = "gone" if gone or death else text(fields["state"]) or "unknown"
    return Worker(
        name=name,
        state=state,
        queues=tuple(filter(None, (text(fields["queues"]) or "").split(","))),
        # RQ waits for the end of a run before it says idle: what an idle one still names has ended without a word.
        job_id=text(fields["current_job"]) if state not in WITHOUT_A_JOB else None,
        host=text(fields["hostname"]),
        pid=int(pid) if pid is not None else None,
        version=text(fields["version"]),
        python_version=_python(text(fields["python_version"])),
        born_at=moment(fields["birth"]),
        heartbeat_at=moment(fields["last_heartbeat"]),
        expires_in_s=ttl / 1000 if ttl >= 0 else None,
        draining_since=moment(fields["shutdown_requested_date"]),
        death_at=death,
        obeys=isinstance(obeys, float),  # not where our user of Redis may not ask
        jobs_ended=int(number(fields["successful_job_count"]) or 0) + int(number(fields["failed_job_count"]) or 0),
        worked_s=number(fields["total_working_time"]) or 0.0,
        measured=measured.read(seen) if state != "gone" else None,
        unregistered=not gone and fields["birth"] is None and not fields["queues"],
    )


def with_comma(worker: Worker, lanes: Mapping[str, Collection[str]]) -> Worker:
    """RQ writes down the queues of a worker with commas between them, also where a name has one itself. Its sets of who
    listens on each queue tell these apart: `lanes` has those with a comma, and their workers.
    """
    written, served = f",{','.join(worker.queues)},", []
    for name in lanes:
        if worker.name in lanes[name] and f",{name}," in written:
            written = written.replace(f",{name},", ",", 1)
            served.append(name)
    return replace(worker, queues=(*served, *filter(None, written.split(",")))) if served else worker


def _python(version: str | None) -> str | None:
    """RQ writes all of `sys.version`: the number, then how it was built."""
    return version.split(maxsplit=1)[0] if version and version.strip() else None
