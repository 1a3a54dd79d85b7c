"""`@job_console.job(…)`: the policy of a function's jobs, declared beside it.

    @job_console.job(queue="long", timeout=1200, attempts=5, backoff=[30, 120, 600], key="{customer}")
    def sync(customer): …

Imported with the application's modules, by every process and also without Frappe: so it only records the declaration.
On migrate it becomes a Job Policy (`declarations`), which people may change in the desk.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from job_console.engine.errors import BadRequest
from job_console.engine.models import limits as models_limits
from job_console.engine.models.policies import Alerts, Backoff, Limit, Policy
from job_console.engine.policies import templates

_Function = TypeVar("_Function", bound=Callable[..., object])
_IDEMPOTENCY = {True: "safe", False: "unsafe", None: "unknown"}


@dataclass(frozen=True)
class Declared:
    function: Callable[..., object]
    policy: Policy
    #: When it runs by itself: a cron expression, or one of Frappe's frequencies.
    schedule: str | None = None


#: What the modules that are imported here have declared, by method.
DECLARED: dict[str, Declared] = {}


def job(
    *,
    queue: str | None = None,
    timeout: float | None = None,
    after_commit: bool = False,
    expected: float | None = None,
    overrun_factor: float = models_limits.OVERRUN_FACTOR,
    longest_wait: float | None = None,
    attempts: int = 1,
    backoff: Sequence[float] | Backoff = (),
    retry_on: Sequence[type | str] = (),
    never_on: Sequence[type | str] = (),
    idempotent: bool | None = None,
    lost: str = "ask",
    key: str | None = None,
    limit: int | None = None,
    per: str = "site",
    limit_key: str | None = None,
    lock: str | None = None,
    lock_wait: float = 60.0,
    schedule: str | None = None,
    catch_up: str = "once",
    overlap: str = "skip",
    alert_to: Sequence[str] = (),
    alert_on: Sequence[str] = (),
    alert_cooldown: float = 3600.0,
    sensitive: Sequence[str] = (),
) -> Callable[[_Function], _Function]:
    """The policy of the function's jobs; every field is explained in docs/policies.md. Durations are seconds.

    backoff: delays before each further attempt, the last one again and again; or a `Backoff`.
    idempotent: whether a second run is harmless; None: nobody knows.
    key, lock, limit_key: templates, `"{customer}"`.
    schedule: when it runs by itself: a cron expression, or as hooks.py names it, `"daily_long"`.
    """

    def declare(function: _Function) -> _Function:
        method = _method(function)
        policy = Policy(
            name=method,
            kind="method",
            pattern=method,
            queue=queue,
            timeout_s=timeout,
            after_commit=after_commit,
            expected_s=expected,
            overrun_factor=overrun_factor,
            longest_wait_s=longest_wait,
            attempts=attempts,
            backoff=backoff if isinstance(backoff, Backoff) else Backoff(delays_s=tuple(backoff)),
            retry_on=tuple(map(_name, retry_on)),
            never_on=tuple(map(_name, never_on)),
            idempotency=_IDEMPOTENCY[idempotent],
            lost=lost,
            key=key,
            limit=Limit(limit, per, limit_key) if limit else None,
            lock=lock,
            lock_wait_s=lock_wait,
            catch_up=catch_up,
            overlap=overlap,
            alerts=Alerts(tuple(alert_to), tuple(alert_on), alert_cooldown),
            sensitive=tuple(sensitive),
            source="code",
        )
        _known(policy, function)
        if schedule:
            _without_arguments(function)
        DECLARED[method] = Declared(function, policy, schedule)
        return function

    return declare


def _method(function: Callable[..., object]) -> str:
    """As jobs name it. What is made inside another function, or is a method of a class, has no such name."""
    if not inspect.isfunction(function) or "." in function.__qualname__:
        raise TypeError(f"{function!r} is no function of a module. A method of a document gets its policy in the desk.")
    return f"{function.__module__}.{function.__qualname__}"


def _name(exception: type | str) -> str:
    if isinstance(exception, str):
        return exception
    builtin = exception.__module__ == "builtins"
    return exception.__qualname__ if builtin else f"{exception.__module__}.{exception.__qualname__}"


def _without_arguments(function: Callable[..., object]) -> None:
    needed = [
        each.name
        for each in inspect.signature(function).parameters.values()
        if each.default is each.empty and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    ]
    if needed:
        raise BadRequest(f"Nobody would tell a run by schedule what {', '.join(needed)} is.")


def _known(policy: Policy, function: Callable[..., object]) -> None:
    """A misspelt argument fails when the function is defined; the rest is checked on migrate."""
    parameters = inspect.signature(function).parameters
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return
    keys = (policy.key, policy.lock, policy.limit.key if policy.limit else None)
    named = [(f"{key!r}", name) for key in keys if key for name in templates.names(key)]
    named += [("sensitive", name) for name in policy.sensitive]
    for where, name in named:
        if name not in parameters and name not in templates.ABOUT:
            raise BadRequest(f"{where} names {name!r}, which is no argument of {policy.name}.")
