"""Stands before RQ's `Queue.enqueue_call`, by which every new job is made.

Frappe has no hook there, and modules hold references of their own to its `enqueue`: RQ's method is the one place that
all of them pass, the scheduler and RQ's own users too. A job that is tried again, requeued or moved is no new one, and
does not come by; nor does what `enqueue_many`, `enqueue_at` and `enqueue_in` make.

Whoever stands here must never raise. What it has to ask of Redis can go with the length of the lane, for which Frappe
asks before each new job from version 16 on.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from typing import Any

from rq import Queue
from rq.job import Job

#: Arguments of `enqueue_call` that we read or change. An RQ without one of them is left alone.
NEEDED = frozenset({"func", "args", "kwargs", "timeout", "depends_on", "job_id", "meta", "pipeline"})
#: What of the queue class we use besides.
_OF_QUEUE = ("is_async", "count")
_MARK = "job_console_asks"

Make = Callable[[Queue, Mapping[str, Any]], Job]
#: Makes the job, in its own way; what it returns is returned to who enqueued.
Plan = Callable[[Make], Any]


class Asked:
    """What RQ is asked to enqueue."""

    def __init__(self, queue: Queue, names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """`names`: those of the arguments of `enqueue_call`, in its order."""
        self.queue = queue
        self._names, self._args, self._kwargs = names, args, kwargs

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """Those that were passed, by name. Raises TypeError where the call will."""
        # Not by `Signature.bind`, which takes ten times as long.
        positional = dict(zip(self._names, self._args, strict=False))
        if len(self._args) > len(self._names) or positional.keys() & self._kwargs.keys():
            raise TypeError("enqueue_call is given an argument too many, or one twice")
        return {**positional, **self._kwargs}


def fits(enqueue_call: Callable[..., Any]) -> bool:
    """Whether this is the method that we know."""
    named = inspect.signature(enqueue_call).parameters
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    plain = all(each.kind not in variadic for each in named.values())
    return plain and named.keys() >= NEEDED and all(hasattr(Queue, name) for name in _OF_QUEUE)


def installed() -> bool:
    return hasattr(Queue.enqueue_call, _MARK)


def install(decide: Callable[[Asked], Plan | None], along: Callable[[Queue], int | None] | None = None) -> bool:
    """Once per process: `decide` is asked of each new job; None: it is made as it was asked for.

    `along` may ask for the length of a queue in its own round trip; None: it has nothing to ask.
    False: this RQ is not one that we know, and is left alone.
    """
    plain: Callable[..., Job] = Queue.enqueue_call
    if installed():
        return True
    if not fits(plain):
        return False
    names = tuple(inspect.signature(plain).parameters)[1:]

    def make(queue: Queue, arguments: Mapping[str, Any]) -> Job:
        return plain(queue, **arguments)

    @wraps(plain)
    def enqueue_call(self: Queue, *args: Any, **kwargs: Any) -> Any:
        plan = decide(Asked(self, names, args, kwargs))
        return plain(self, *args, **kwargs) if plan is None else plan(make)

    setattr(enqueue_call, _MARK, (plain, Queue.count))
    Queue.enqueue_call = enqueue_call  # type: ignore[method-assign]
    if along is not None:
        Queue.count = _counted(Queue.count, along)  # type: ignore[method-assign, assignment]
    return True


def _counted(plain: Any, along: Callable[[Queue], int | None]) -> property:
    def count(self: Queue) -> int:
        found = along(self)
        return int(plain.__get__(self)) if found is None else found

    return property(count, doc=plain.__doc__)


def uninstall() -> None:
    """As it was before: for tests, and for measuring."""
    if installed():
        Queue.enqueue_call, Queue.count = getattr(Queue.enqueue_call, _MARK)  # type: ignore[method-assign]
