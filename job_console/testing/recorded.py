"""What a test sees of a job: what was enqueued, and how its run went. Small frozen records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from job_console.engine.models.jobs import Call
from job_console.engine.rq import call as calls
from job_console.engine.rq import payload

#: How far a moment may be from the one that a test names.
_CLOSE = timedelta(seconds=2)


@dataclass(frozen=True)
class EnqueuedJob:
    id: str
    #: As the monitor names it: of a document's method `ToDo.add_tag`.
    method: str
    arguments: Mapping[str, Any]
    #: The lane, without the bench's prefix.
    queue: str
    timeout: int | None = None
    #: The name of its policy.
    policy: str | None = None
    #: When it is due, if it was enqueued for later.
    at: datetime | None = None
    user: str | None = None

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        later = f", at {self.at:%Y-%m-%d %H:%M:%S}" if self.at else ""
        return f"{self.method}({given}) in {self.queue}{later}"


@dataclass(frozen=True)
class Ran:
    """One attempt."""

    job: EnqueuedJob
    #: RQ's state behind it: `finished`, `failed`, `stopped`; `scheduled` or `queued` when it is to be run again.
    status: str
    result: Any = None
    error: BaseException | None = None
    #: When it is tried again.
    again_at: datetime | None = None


@dataclass(frozen=True)
class Wanted:
    """What an assertion asks for; None: whatever it is."""

    method: str
    arguments: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        given = [f"{name}={value!r}" for name, value in self.arguments.items()]
        given += [f"{name}: {value!r}" for name, value in self.options.items() if value is not None]
        return f"{self.method}({', '.join(given)})"

    def is_met_by(self, job: EnqueuedJob) -> bool:
        return (
            self.method == job.method
            and all(name in job.arguments and job.arguments[name] == value for name, value in self.arguments.items())
            and all(_same(getattr(job, name), value) for name, value in self.options.items() if value is not None)
        )


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(found, datetime) and isinstance(wanted, datetime):
        return abs(found - wanted) <= _CLOSE
    return bool(found == wanted)


def name_of(method: str | Callable[..., Any]) -> str:
    return method if isinstance(method, str) else f"{method.__module__}.{method.__qualname__}"


def call_of(job: Any, site: str) -> Call:
    """What RQ's job is for, with arguments as the worker gets them: what the code changes later is not seen."""
    function, _instance, args, kwargs = job.serializer.loads(job.data)
    if calls.is_wrapped(kwargs):
        return calls.wrapped({**kwargs, "method": payload.name_of(name_of(kwargs["method"]))})
    named = {str(number): value for number, value in enumerate(args)}
    method = name_of(function)
    return Call(method, method, "method", site, None, {**named, **kwargs})


def record(job: Any, call: Call, queue: str, policy: str | None, at: datetime | None) -> EnqueuedJob:
    timeout = int(job.timeout) if job.timeout is not None else None
    return EnqueuedJob(
        job.id, call.method, MappingProxyType(dict(call.arguments)), queue, timeout, policy, at, call.user
    )
