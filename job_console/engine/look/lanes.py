"""One lane's part of a look: the commands that ask for it, and the lane that their answers make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, replace
from datetime import datetime, timezone
from typing import Any, NamedTuple

from ..models.bench import Counts, Lane, Orphan
from ..models.jobs import Job
from ..progress import hand_over
from ..redis import keys
from ..redis.link import Pipeline, denied, wrong_type
from ..rq import endings
from ..rq.records import from_score, text
from . import limits

#: The answer of PTTL for a key that does not exist.
_NO_KEY = -2
_NEVER = datetime.min.replace(tzinfo=timezone.utc)


class _Ask(NamedTuple):
    """A command, and the answer to assume when the key is of another type."""

    key: str
    command: str
    arguments: tuple[Any, ...]
    nothing: Any

    def put_on(self, pipeline: Pipeline) -> None:
        getattr(pipeline, self.command)(self.key, *self.arguments)


def _asks(name: str, now: datetime, kept: Sequence[float]) -> list[_Ask]:
    queue, scheduled = keys.queue(name), keys.registry("scheduled", name)
    started, failed, deferred = (keys.registry(status, name) for status in ("started", "failed", "deferred"))
    parked_since = hand_over.parked_since(now)
    return [
        _Ask(queue, "llen", (), 0),
        _Ask(queue, "lrange", (0, limits.HEAD_ROWS - 1), ()),
        _Ask(queue, "lrange", (-limits.TAIL_ROWS, -1), ()),
        *(_Ask(keys.registry(status, name), "zcard", (), 0) for status in keys.REGISTRIES),
        _Ask(started, "zrange", (0, limits.RUNNING_ROWS - 1, False, True), ()),
        _Ask(keys.intermediate(name), "lrange", (0, limits.INTERMEDIATE_ROWS - 1), ()),
        _Ask(scheduled, "zrangebyscore", ("-inf", now.timestamp(), 0, limits.OVERDUE_ROWS, True), ()),
        _Ask(scheduled, "zrevrangebyscore", ("+inf", parked_since, 0, limits.PARKED_ROWS), ()),
        _Ask(deferred, "zrange", (0, limits.DEFERRED_ROWS - 1), ()),
        _Ask(keys.scheduler_lock(name), "pttl", (), _NO_KEY),
        _Ask(keys.dead(name), "zcard", (), 0),
        *(
            _Ask(failed, command, window, ())
            for command, window in endings.windows("failed", now, limits.FAILURE_ROWS, kept)
        ),
    ]


class LaneIds:
    """A lane of which only the ids are known yet; their records are read next."""

    def __init__(self, name: str, now: datetime, kept: Sequence[float] = ()) -> None:
        """`kept`: for how long failures are kept, as far as it is known."""
        self.name = name
        self.now = now
        self._asks = _asks(name, now, kept)

    def ask(self, pipeline: Pipeline) -> None:
        for each in self._asks:
            each.put_on(pipeline)

    def read(self, answers: Iterator[Any]) -> None:
        """Take the answers to the commands. A key of another type than RQ's counts as empty."""
        answered = [(ask, next(answers)) for ask in self._asks]
        #: Another bench's, by the rules of our user of Redis.
        self.unreadable = denied(answered[0][1])
        answered = [(ask, ask.nothing if denied(answer) else answer) for ask, answer in answered]
        self.broken = tuple(dict.fromkeys(ask.key for ask, answer in answered if wrong_type(answer)))
        queued, head, tail, *rest = (ask.nothing if wrong_type(answer) else answer for ask, answer in answered)
        sizes, rest = rest[: len(keys.REGISTRIES)], rest[len(keys.REGISTRIES) :]
        running, intermediate, overdue, parked, deferred, mover, dead, *failed = rest
        self.counts = Counts(queued=queued, dead=dead, **dict(zip(keys.REGISTRIES, sizes, strict=True)))
        self.head = _ids(head)
        self.tail = _ids(tail)
        self._running = [(text(member) or "", score) for member, score in running]
        self.failed = endings.entries(failed)
        self.intermediate = _ids(intermediate)
        self.overdue = [(text(member) or "", score) for member, score in overdue]
        self.parked = _ids(parked)
        self.deferred = _ids(deferred)
        self.has_mover = 0 < mover <= limits.MOVER_LOCK_MS
        self.stray_lock = mover != _NO_KEY and not self.has_mover

    @property
    def empty(self) -> bool:
        """Nothing stands there."""
        return not (any(astuple(self.counts)) or self.intermediate or self.broken)

    def ids(self) -> list[str]:
        scored = [job_id for job_id, _ in (*self._running, *self.overdue)]
        scored += [keys.members(member)[0] for member, _ in self._running]
        return [*self.head, *self.tail, *scored, *self.failed, *self.intermediate, *self.parked, *self.deferred]

    def build(self, jobs: Mapping[str, Job]) -> Lane:
        head = _present(jobs, self.head)
        self.running = [(_whose(member, jobs), score) for member, score in self._running]
        # Of a job that runs twice, the run whose lease ends last.
        leases = dict(sorted(self.running, key=lambda entry: entry[1]))
        running = [replace(job, lease_until=from_score(leases[job.id])) for job in _present(jobs, leases)]
        overdue = [
            replace(jobs[job_id], due_at=from_score(score))
            for job_id, score in self.overdue
            if jobs[job_id].status == "scheduled" or jobs[job_id].repeats
        ]
        failures = [
            endings.dated(job, self.failed[job.id])
            for job in _present(jobs, self.failed)
            # One whose id ran again and ended well is no failure any more, though RQ leaves it in this list.
            if job.status != "finished"
        ]
        oldest = min(
            (job for job in (*head, *_present(jobs, self.tail)) if _since(job) > _NEVER), key=_since, default=None
        )
        return Lane(
            name=self.name,
            counts=self.counts,
            running=tuple(sorted(running, key=_started)),
            head=tuple(head),
            failures=tuple(endings.newest_first(failures)[: limits.FAILURE_ROWS]),
            orphans=tuple(self._orphans(jobs, leases)),
            twice=tuple(self._twice()),
            intermediate=tuple(jobs[job_id] for job_id in self.intermediate),
            oldest=oldest,
            oldest_enqueued_at=_since(oldest) if oldest else None,
            oldest_is_sure=self.counts.queued <= limits.HEAD_ROWS + limits.TAIL_ROWS,
            overdue=tuple(overdue),
            parked=tuple(job for job in _present(jobs, self.parked) if job.progress and job.progress.parked),
            parked_at_least=len(self.parked) >= limits.PARKED_ROWS,
            deferred=tuple(job for job in _present(jobs, self.deferred) if job.status == "deferred"),
            has_mover=self.has_mover,
            stray_lock=self.stray_lock,
            broken=self.broken,
        )

    def _orphans(self, jobs: Mapping[str, Job], leases: Mapping[str, float]) -> Iterator[Orphan]:
        places = {
            "queued": self.head,
            "started": leases,
            "intermediate": self.intermediate,
            "scheduled": [job_id for job_id, _due in self.overdue],
            "deferred": self.deferred,
        }
        for where, job_ids in places.items():
            for job_id in dict.fromkeys(job_ids):
                if jobs[job_id].status == "vanished":
                    yield Orphan(job_id, where, from_score(leases[job_id]) if where == "started" else None)

    def _twice(self) -> list[str]:
        live = [job_id for job_id, score in self.running if score > self.now.timestamp()]
        return [job_id for places in (self.head, live) for job_id, count in Counter(places).items() if count > 1]


def _whose(member: str, jobs: Mapping[str, Job]) -> str:
    """Of which job this entry is. An id of rq 1.x may look like an execution of another one; then it has a record."""
    return member if jobs[member].status != "vanished" else keys.members(member)[0]


def _ids(members: Iterable[Any]) -> list[str]:
    return [text(member) or "" for member in members]


def _present(jobs: Mapping[str, Job], job_ids: Iterable[str]) -> list[Job]:
    return [jobs[job_id] for job_id in dict.fromkeys(job_ids) if jobs[job_id].status != "vanished"]


def _since(job: Job) -> datetime:
    """When the job was put into its lane."""
    return job.enqueued_at or job.created_at or _NEVER


def _started(job: Job) -> datetime:
    return job.started_at or _NEVER
