"""Whether the processes of workers are alive: a worker that is killed is noticed within seconds, and not only when its
record in Redis expires.

A worker's record names a host and a pid, which alone proves nothing: containers may share a host name, and each has its
own pid 7. So a process that begins a job writes down who it and its parent are (`note`): the host (`arming.host`:
machine, boot, pid namespace, user), their pids and start times. One of the two is the worker: the one whose pid the
worker's record names. (A worker that is killed right after its fork leaves a run whose parent is another process by
then.) A process on the same host looks into /proc; for all others the reader of that host publishes what it found
(`publish`). A process that has ended never comes back, so a finding stays true; a heartbeat later than the finding
refutes it.

For a worker that has run no job yet its own process writes the note where it runs our few lines (`introduce`), else the
reader of its host, when it recognises the process (`recognise`), a second or so later, or finds that it ended before
that. Which process runs its job is not known then. A stopped process (SIGSTOP) is alive.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from time import time
from typing import Any

from ..models.workers import Death, Worker
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined, script
from . import arming, limits, process, recognise

#: Answers that `ask` gets for each worker.
ANSWERS = 2
#: The birth of a process that had ended before anybody could ask for it: no process has that.
_ENDED = -1
#: The difference between the clocks of one host as two processes read them.
_CLOCK_S = 1.0


@dataclass(frozen=True, slots=True)
class Note:
    """A process that runs a job, and its parent, written by that process; or a worker without a job, written by the
    reader of its host.
    """

    host: str
    job_id: str
    pid: int
    born: int
    parent: int
    parent_born: int
    at: float
    #: The worker is the parent. False: it may be either of the two.
    forked: bool = True

    def worker(self, pid: int | None) -> tuple[int, int] | None:
        """The worker's pid and birth; None: the record means neither of the two."""
        birth = {self.pid: self.born, self.parent: self.parent_born}.get(pid or 0)
        return (pid, birth) if pid and birth else None


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a process on its host found out about the worker of a note, and when first."""

    note: Note
    pid: int
    run_alive: bool
    at: float


def note(pipeline: Pipeline, worker: str, job_id: str) -> None:
    """Write the note, in the process that runs the job, as it begins. One command on the pipeline."""
    own, parent = os.getpid(), os.getppid()
    births = (process.born(own) or 0, process.born(parent) or 0)
    forked = os.environ.get("RQ_WORKER_ID") == worker  # so RQ tells whatever it forks
    recorded = Note(arming.host(), job_id, own, births[0], parent, births[1], round(time(), 3), forked)
    pipeline.set(keys.process(worker), _text(recorded), ex=limits.ARMED_TTL_S)


def introduce(redis: Redis, worker: str) -> None:
    """By the process of a worker itself, before it has run a job: killed then, it is missed as soon as any other."""
    if not arming.possible():
        return
    pid = os.getpid()
    said = Note(arming.host(), "", pid, process.born(pid) or 0, 0, 0, round(time(), 3))
    redis.eval(script("introduce"), 1, keys.process(worker), pid, _text(said), limits.ARMED_TTL_S)


def ask(pipeline: Pipeline, worker: str) -> None:
    pipeline.get(keys.process(worker))
    pipeline.get(keys.process_ended(worker))


def judge(worker: Worker, answers: Sequence[Any], runs: bool = False) -> Worker:
    """The worker, as it is or with the state `gone` and its proof. `runs`: a job names it, so it is judged even without
    a record.
    """
    recorded, left = (answer if isinstance(answer, (bytes, str)) else b"" for answer in answers)
    noted = _note(recorded)
    if noted is None or worker.state == "broken" or worker.death_at is not None:
        return worker
    if worker.state == "gone" and not runs:
        return worker
    found = _look(noted, worker.pid, _seconds(worker.born_at)) if is_here(noted.host) else _finding(left)
    if found is None or found.note != noted or worker.pid not in (None, found.pid) or _beat_since(worker, found):
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


def publish(
    redis: Redis,
    names: Iterable[str],
    known: dict[str, float] | None = None,
    introduces: bool = False,
    notes: dict[str, Note] | None = None,
) -> dict[str, float]:
    """Publish which of these workers have ended, as this host can prove. Two round trips.

    `known`: when each was found first; the return value is `known` for the next call. `introduces`: `names` are all
    workers, and those of this host without a note are to be recognised. `notes`: the caller's own memory of the notes
    of this host's workers. What is read is added; one that Redis has lost is written again.
    """
    notes = {} if notes is None else notes
    names = sorted(names)[: limits.PRESENCE_WORKERS]
    if not names:
        return {}
    pipeline = pipelined(redis)
    for name in names:
        pipeline.get(keys.process(name))
        pipeline.hmget(keys.worker(name), recognise.FIELDS)
    answers = pipeline.execute(raise_on_error=False)
    found: dict[str, float] = {}
    records: dict[str, recognise.Record] = {}
    unknown: list[str] = []
    for name, recorded, row in zip(names, answers[::2], answers[1::2], strict=True):
        record = recognise.record(row) if isinstance(row, list) else None
        noted = _note(recorded if isinstance(recorded, bytes) else b"")
        if noted is None and record is None and name in notes:
            noted = notes[name]
            pipeline.set(keys.process(name), _text(noted), ex=limits.ARMED_TTL_S, nx=True)
        if noted is not None and is_here(noted.host):
            notes[name] = noted
        if record is not None:
            records[name] = record
        finding = None
        if noted is not None and is_here(noted.host):
            finding = _look(noted, _number(row[0]) if isinstance(row, list) else None, record.birth if record else None)
        if finding is not None:
            finding = replace(finding, at=(known or {}).get(name, finding.at))
            found[name] = finding.at
            _leave(pipeline, name, finding)
        elif record is not None and (noted is None or noted.worker(record.pid) is None):
            unknown.append(name)
    if introduces:
        _introduce(pipeline, records, recognise.births(records, unknown))
        _introduce(pipeline, records, dict.fromkeys(recognise.ended_unseen(redis, records, unknown), _ENDED))
    if len(pipeline):
        pipeline.execute()
    return found


def _introduce(pipeline: Pipeline, records: Mapping[str, recognise.Record], births: Mapping[str, int]) -> None:
    """Write notes for the workers that were recognised; the next look finds out whether they live."""
    for name, birth in births.items():
        pid = records[name].pid
        recorded = Note(arming.host(), "", pid, birth, 0, 0, round(time(), 3))
        pipeline.eval(script("introduce"), 1, keys.process(name), pid, _text(recorded), limits.ARMED_TTL_S)


def is_here(host: str) -> bool:
    """Whether this process sees the processes of `host` in /proc. The superuser sees those of every user."""
    try:
        here = arming.host()
    except OSError:  # no Linux
        return False
    return host == here or (os.geteuid() == 0 and host.rpartition(":")[0] == here.rpartition(":")[0])


def _look(noted: Note, pid: int | None, registered: float | None) -> _Finding | None:
    """What is known of a worker that has ended. None: it is alive, or is none of the two processes of the note.

    `registered`: when, by its record.
    """
    if pid is None:
        return _look_at_both(noted)
    named = noted.worker(pid)
    if named is None:
        return _look_at_orphan(noted, pid, registered)
    if _there(*named):
        return None
    run_alive = named != (noted.pid, noted.born) and _there(noted.pid, noted.born)
    return _Finding(noted, named[0], run_alive, time())


def _look_at_both(noted: Note) -> _Finding | None:
    """The same when Redis has lost the worker's record, and with it the pid: both processes of a forked run must have
    ended; without a fork the process itself was the worker.
    """
    if _there(noted.pid, noted.born) or (noted.forked and _there(noted.parent, noted.parent_born)):
        return None
    return _Finding(noted, noted.parent if noted.forked else noted.pid, False, time())


def _look_at_orphan(noted: Note, pid: int, registered: float | None) -> _Finding | None:
    """Its worker was killed after the fork and before the note, which names whoever has adopted it. A later worker of
    this name would have registered itself after the note.
    """
    if not noted.forked or registered is None or registered > noted.at or process.lives(pid):
        return None
    return _Finding(noted, pid, _there(noted.pid, noted.born), time())


def _there(pid: int, born: int) -> bool:
    """Whether that very process is alive: another one with the same pid has another start time, and a zombie is
    dead.
    """
    return process.born(pid) == born and process.lives(pid)


def _beat_since(worker: Worker, found: _Finding) -> bool:
    beats = (moment.timestamp() for moment in (worker.heartbeat_at, worker.born_at) if moment)
    return max(beats, default=0.0) > found.at + _CLOCK_S


def _leave(pipeline: Pipeline, name: str, finding: _Finding) -> None:
    until = _moment(finding.at + _CLOCK_S).strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # compares with RQ's times as text
    text = json.dumps({**asdict(finding), "until": until}, separators=(",", ":"))
    pipeline.set(keys.process_ended(name), text, ex=limits.PRESENCE_TTL_S)


def _text(note: Note) -> str:
    return json.dumps(asdict(note), separators=(",", ":"))


def _note(text: bytes | str) -> Note | None:
    """None for what is not ours."""
    try:
        return _of(json.loads(text))
    except (ValueError, TypeError, KeyError):
        return None


def _of(plain: Any) -> Note:
    return Note(
        str(plain["host"]),
        str(plain["job_id"]),
        int(plain["pid"]),
        int(plain["born"]),
        int(plain["parent"]),
        int(plain["parent_born"]),
        float(plain["at"]),
        bool(plain.get("forked", True)),
    )


def _finding(text: bytes | str) -> _Finding | None:
    try:
        recorded = json.loads(text)
        return _Finding(_of(recorded["note"]), int(recorded["pid"]), bool(recorded["run_alive"]), float(recorded["at"]))
    except (ValueError, TypeError, KeyError):
        return None


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, bytes) and value.isdigit() else None


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, timezone.utc)
