"""Stands before the methods of RQ's `Queue` by which every new job is made.

Frappe has no hook there, and modules hold references of their own to its `enqueue`: RQ's `enqueue_call` is the one
place that all of them pass, the scheduler too. Who uses RQ itself also has `enqueue_many` and `enqueue_at` (by which
`enqueue_in` goes). A job that is tried again, requeued or moved is no new one, and does not come by.

`put_off` lets what is enqueued meanwhile run later: it becomes one of RQ's scheduled jobs.

Whoever stands here must never raise. What it has to ask of Redis can go with the length of the lane, for which Frappe
asks before each new job from version 16 on.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cached_property, partial, wraps
from itertools import groupby
from typing import Any

from rq import Queue
from rq.job import Job
from rq.queue import EnqueueData

#: Arguments of `enqueue_call` that we read or change. An RQ without one of them is left alone.
NEEDED = frozenset({"func", "args", "kwargs", "timeout", "depends_on", "job_id", "meta", "pipeline"})
#: What of the queue class we use besides.
_OF_QUEUE = ("is_async", "count")
#: Of the other two, what we pass on by position; the rest goes on as it came.
_MANY, _AT = ["self", "job_datas"], ["self", "datetime", "f"]
_MARK = "job_console_asks"
_due: ContextVar[datetime | None] = ContextVar("job_console_due", default=None)

Make = Callable[[Queue, Mapping[str, Any]], Job]
#: Makes the job, in its own way; what it returns is returned to who enqueued.
Plan = Callable[[Make], Any]
Decide = Callable[["Asked"], "Plan | None"]
#: Told of a job that was made, and when it is due if that is later than now.
Told = Callable[[Job, "datetime | None"], object]
_told: list[Told] = []


class Asked:
    """What RQ is asked to enqueue."""

    def __init__(self, queue: Queue, read: Callable[[], dict[str, Any]]) -> None:
        self.queue = queue
        self._read = read

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """Those that were passed, by their names in `enqueue_call`. Raises TypeError where the call will."""
        return self._read()


def fits(enqueue_call: Callable[..., Any]) -> bool:
    """Whether this is the method that we know."""
    named = inspect.signature(enqueue_call).parameters
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    plain = all(each.kind not in variadic for each in named.values())
    return plain and named.keys() >= NEEDED and all(hasattr(Queue, name) for name in _OF_QUEUE)


def fits_many(enqueue_many: Callable[..., Any]) -> bool:
    named = inspect.signature(enqueue_many).parameters
    return list(named)[:2] == _MANY and "pipeline" in named and set(EnqueueData._fields) >= NEEDED - {"pipeline"}


def fits_at(enqueue_at: Callable[..., Any]) -> bool:
    return list(inspect.signature(enqueue_at).parameters) == [*_AT, "args", "kwargs"]


def tell(told: Told) -> None:
    """From now on, tell of every job that is made in this process. `told` must never raise."""
    if told not in _told:
        _told.append(told)


def installed() -> bool:
    return hasattr(Queue.enqueue_call, _MARK)


def install(decide: Decide, along: Callable[[Queue], int | None] | None = None) -> bool:
    """Once per process: `decide` is asked of each new job; None: it is made as it was asked for.

    `along` may ask for the length of a queue in its own round trip; None: it has nothing to ask.
    False: this RQ is not one that we know, and is left alone.
    """
    if installed():
        return True
    if not fits(Queue.enqueue_call):
        return False
    names = tuple(inspect.signature(Queue.enqueue_call).parameters)[1:]
    ours: dict[str, Any] = {"enqueue_call": _call(Queue.enqueue_call, decide, names)}
    if fits_many(Queue.enqueue_many):
        ours["enqueue_many"] = _many(Queue.enqueue_many, decide)
    if fits_at(Queue.enqueue_at):
        ours["enqueue_at"] = _at(Queue.enqueue_at, decide, names)
    if along is not None:
        ours["count"] = _counted(Queue.count, along)
    setattr(ours["enqueue_call"], _MARK, {name: getattr(Queue, name) for name in ours})
    for name, method in ours.items():
        setattr(Queue, name, method)
    return True


@contextmanager
def telling(told: Told) -> Iterator[None]:
    """Meanwhile, tell of every job that is made in this process, whoever makes it and in order: for tests."""
    _told.append(told)
    try:
        yield
    finally:
        _told.remove(told)


def _made(job: Job, due: datetime | None = None) -> Job:
    for told in _told:
        told(job, due)
    return job


@contextmanager
def put_off(due: datetime | None) -> Iterator[None]:
    """Jobs that are enqueued meanwhile are due then. None: at once, as ever. Only where `installed`.

    RQ's own scheduler enqueues them, where one runs; in a bench a sweep does, once they are in `retries.store.index`.
    """
    token = _due.set(due)
    try:
        yield
    finally:
        _due.reset(token)


def uninstall() -> None:
    """As it was before: for tests, and for measuring."""
    if installed():
        for name, plain in getattr(Queue.enqueue_call, _MARK).items():
            setattr(Queue, name, plain)


def _call(plain: Callable[..., Job], decide: Decide, names: Sequence[str]) -> Callable[..., Any]:
    def make(queue: Queue, arguments: Mapping[str, Any]) -> Job:
        due = _due.get()
        return _made(plain(queue, **arguments)) if due is None else _made(_scheduled(queue, due, arguments), due)

    @wraps(plain)
    def enqueue_call(self: Queue, *args: Any, **kwargs: Any) -> Any:
        plan = decide(Asked(self, partial(_named, names, args, kwargs)))
        if plan is None and _due.get() is None:
            return _made(plain(self, *args, **kwargs))
        return make(self, _named(names, args, kwargs)) if plan is None else plan(make)

    return enqueue_call


def _scheduled(queue: Queue, due: datetime, arguments: Mapping[str, Any]) -> Job:
    """By RQ's own way, and not by ours around it, which would ask once more."""
    said = dict(arguments)
    enqueue_at = getattr(Queue.enqueue_call, _MARK).get("enqueue_at", Queue.enqueue_at)
    made: Job = enqueue_at(queue, due, said.pop("func"), job_timeout=said.pop("timeout", None), **said)
    return made


def _named(names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    # Not by `Signature.bind`, which takes ten times as long.
    positional = dict(zip(names, args, strict=False))
    if len(args) > len(names) or positional.keys() & kwargs.keys():
        raise TypeError("enqueue_call is given an argument too many, or one twice")
    return {**positional, **kwargs}


def _many(plain: Callable[..., list[Job]], decide: Decide) -> Callable[..., Any]:
    """What has a plan is made by itself, in its turn; what comes between goes on together."""

    @wraps(plain)
    def enqueue_many(
        self: Queue, job_datas: Iterable[EnqueueData], pipeline: Any = None, *args: Any, **kwargs: Any
    ) -> list[Any]:
        def on(queue: Queue, some: list[EnqueueData]) -> list[Job]:
            return [_made(job) for job in plain(queue, some, pipeline, *args, **kwargs)]

        def make(queue: Queue, arguments: Mapping[str, Any]) -> Job:
            return on(queue, [EnqueueData(**{name: arguments[name] for name in EnqueueData._fields})])[0]

        def planned(data: EnqueueData) -> Plan | None:
            return decide(Asked(self, lambda: {**data._asdict(), "pipeline": pipeline}))

        datas = list(job_datas)
        plans = [planned(data) for data in datas]
        if not any(plans):
            return on(self, datas)
        jobs: list[Any] = []
        for alone, some in groupby(zip(datas, plans, strict=True), lambda each: each[1] is not None):
            pairs = list(some)
            jobs += [plan(make) for _, plan in pairs if plan] if alone else on(self, [data for data, _ in pairs])
        return jobs

    return enqueue_many


def _at(plain: Callable[..., Job], decide: Decide, names: Sequence[str]) -> Callable[..., Any]:
    options = [name for name in names if name not in ("func", "args", "kwargs", "timeout")]

    def read(f: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """RQ's own options, told from what is for the function as RQ's `parse_args` does."""
        given: dict[str, Any] = {"args": args, "kwargs": {}}
        if "args" in kwargs or "kwargs" in kwargs:
            given = {"args": kwargs.get("args"), "kwargs": kwargs.get("kwargs")}
        else:
            given["kwargs"] = {name: value for name, value in kwargs.items() if name not in (*options, "job_timeout")}
        said = {name: kwargs[name] for name in options if name in kwargs}
        return {"func": f, "timeout": kwargs.get("job_timeout"), **given, **said}

    @wraps(plain)
    def enqueue_at(self: Queue, datetime: datetime, f: Any, *args: Any, **kwargs: Any) -> Any:
        def make(queue: Queue, arguments: Mapping[str, Any]) -> Job:
            said = dict(arguments)
            job = plain(queue, datetime, said.pop("func"), job_timeout=said.pop("timeout"), **said)
            return _made(job, datetime)

        plan = decide(Asked(self, partial(read, f, args, kwargs)))
        return _made(plain(self, datetime, f, *args, **kwargs), datetime) if plan is None else plan(make)

    return enqueue_at


def _counted(plain: Any, along: Callable[[Queue], int | None]) -> property:
    def count(self: Queue) -> int:
        found = along(self)
        return int(plain.__get__(self)) if found is None else found

    return property(count, doc=plain.__doc__)
