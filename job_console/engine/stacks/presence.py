"""Whether the processes of a host's workers are still there: a worker killed with its job is noticed in seconds, not
when its record expires.

A worker's record names a host and a pid, and that alone proves nothing: containers may share a host name, and each has
a pid 7 of its own. So a process that arms a job says itself who it and its parent are (`note`): where they can be seen
(`arming.host`: machine, start of it, pid namespace, user), their pids and births. One of the two is the worker, the one
whose pid the record names. Whoever is at that place looks into /proc; for others the reader of the host leaves what it
found (`publish`). A process that has ended never comes back, so what was found stays true; a heartbeat that is later
than the finding refutes it.

A worker that never armed a job is not judged. A stopped process (SIGSTOP) is there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from time import time
from typing import Any

from ..models.bench import Death, Worker
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined
from . import arming, limits, process

#: Answers that `ask` gets for each worker.
ANSWERS = 2
#: Clocks of one host, read by two processes.
_CLOCK_S = 1.0


@dataclass(frozen=True, slots=True)
class Note:
    """By a process that runs a job, of itself and its parent."""

    host: str
    job_id: str
    pid: int
    born: int
    parent: int
    parent_born: int
    at: float

    def worker(self, pid: int | None) -> tuple[int, int] | None:
        """The worker's pid and birth; None: the record means neither of the two."""
        birth = {self.pid: self.born, self.parent: self.parent_born}.get(pid or 0)
        return (pid, birth) if pid and birth else None


@dataclass(frozen=True, slots=True)
class _Finding:
    """What somebody at its place found of the worker of a note, and when first."""

    note: Note
    pid: int
    run_alive: bool
    at: float


def note(pipeline: Pipeline, worker: str, job_id: str) -> None:
    """In the process that runs the job, when it begins: one command."""
    own, parent = os.getpid(), os.getppid()
    said = Note(arming.host(), job_id, own, process.born(own) or 0, parent, process.born(parent) or 0, round(time(), 3))
    pipeline.set(keys.process(worker), json.dumps(asdict(said), separators=(",", ":")), ex=limits.ARMED_TTL_S)


def ask(pipeline: Pipeline, worker: str) -> None:
    pipeline.get(keys.process(worker))
    pipeline.get(keys.process_ended(worker))


def judge(worker: Worker, answers: Sequence[Any]) -> Worker:
    """As it is, or `gone`, with what proves it."""
    said, left = (answer if isinstance(answer, (bytes, str)) else b"" for answer in answers)
    noted = _note(said)
    if noted is None or worker.state in ("gone", "broken") or worker.death_at is not None:
        return worker
    found = _look(noted, worker.pid) if is_here(noted.host) else _finding(left)
    if found is None or found.note != noted or found.pid != worker.pid or _beat_since(worker, found):
        return worker
    death = Death(
        host=noted.host.partition(":")[0],
        pid=found.pid,
        at=_moment(found.at),
        job_id=noted.job_id,
        run_pid=noted.pid,
        run_at=_moment(noted.at),
        run_alive=found.run_alive,
    )
    return replace(worker, state="gone", died=death)


def publish(redis: Redis, names: Iterable[str], known: dict[str, float] | None = None) -> dict[str, float]:
    """Leave for others what this host proves of these workers; two round trips. `known`: when each was found first.

    Returns that for the next time.
    """
    names = sorted(names)[: limits.PRESENCE_WORKERS]
    if not names:
        return {}
    pipeline = pipelined(redis)
    for name in names:
        pipeline.get(keys.process(name))
        pipeline.hget(keys.worker(name), "pid")
    answers = pipeline.execute(raise_on_error=False)
    found: dict[str, float] = {}
    for name, said, pid in zip(names, answers[::2], answers[1::2], strict=True):
        noted = _note(said if isinstance(said, bytes) else b"")
        if noted is None or not is_here(noted.host):
            continue
        finding = _look(noted, _number(pid))
        if finding is not None:
            finding = replace(finding, at=(known or {}).get(name, finding.at))
            found[name] = finding.at
            _leave(pipeline, name, finding)
    if found:
        pipeline.execute()
    return found


def is_here(host: str) -> bool:
    """Whether this process sees those of that place in /proc. The superuser sees every user's."""
    try:
        here = arming.host()
    except OSError:  # no Linux
        return False
    return host == here or (os.geteuid() == 0 and host.rpartition(":")[0] == here.rpartition(":")[0])


def _look(noted: Note, pid: int | None) -> _Finding | None:
    """None while the worker is there, or is none of the two that the note names."""
    named = noted.worker(pid)
    if named is None or _there(*named):
        return None
    run_alive = named != (noted.pid, noted.born) and _there(noted.pid, noted.born)
    return _Finding(noted, named[0], run_alive, time())


def _there(pid: int, born: int) -> bool:
    """That very process: another one that got its pid has another birth. One that is dead and not yet buried is not."""
    return process.born(pid) == born and process.lives(pid)


def _beat_since(worker: Worker, found: _Finding) -> bool:
    beats = (moment.timestamp() for moment in (worker.heartbeat_at, worker.born_at) if moment)
    return max(beats, default=0.0) > found.at + _CLOCK_S


def _leave(pipeline: Pipeline, name: str, finding: _Finding) -> None:
    until = _moment(finding.at + _CLOCK_S).strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # compares with RQ's times as text
    text = json.dumps({**asdict(finding), "until": until}, separators=(",", ":"))
    pipeline.set(keys.process_ended(name), text, ex=limits.PRESENCE_TTL_S)


def _note(text: bytes | str) -> Note | None:
    """None for what is not ours."""
    try:
        return _of(json.loads(text))
    except (ValueError, TypeError, KeyError):
        return None


def _of(said: Any) -> Note:
    return Note(
        str(said["host"]),
        str(said["job_id"]),
        int(said["pid"]),
        int(said["born"]),
        int(said["parent"]),
        int(said["parent_born"]),
        float(said["at"]),
    )


def _finding(text: bytes | str) -> _Finding | None:
    try:
        said = json.loads(text)
        return _Finding(_of(said["note"]), int(said["pid"]), bool(said["run_alive"]), float(said["at"]))
    except (ValueError, TypeError, KeyError):
        return None


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, bytes) and value.isdigit() else None


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, timezone.utc)
