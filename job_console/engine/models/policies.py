"""A policy: how jobs of one method, or of many, are to be treated. Seconds everywhere; None and () mean "not set"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from . import limits

#: What a policy is for, the most specific first.
KINDS = ("method", "schedule", "glob")
#: Whether a second run does harm.
IDEMPOTENCY = ("safe", "unsafe", "unknown")
#: What to do with a job whose worker or process died.
LOST = ("ask", "requeue", "fail")
PER = ("bench", "site", "key")
#: What to do about missed runs of a schedule, and about one that comes due while another runs.
CATCH_UP = ("once", "skip", "all")
OVERLAP = ("skip", "queue", "allow", "cancel")
SOURCES = ("desk", "code")


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before each next attempt."""

    #: One after the other, the last one again and again. Empty: exponential.
    delays_s: tuple[float, ...] = ()
    first_s: float = 30.0
    factor: float = 2.0
    cap_s: float = 3600.0
    #: Jitter: the share of a delay that is added or taken at random, so that jobs that failed together do not retry
    #: together.
    jitter: float = 0.1

    def delay_s(self, failed: int, chance: float = 0.5) -> float:
        """Seconds before the attempt after number `failed` (from 1). `chance`: a random number from 0 to 1, uniform."""
        if self.delays_s:
            plain = self.delays_s[min(failed, len(self.delays_s)) - 1]
        else:
            # A power beyond a float's range is far beyond any cap.
            plain = min(self.first_s * self.factor ** min(failed - 1, 64), self.cap_s)
        return plain * (1 + self.jitter * (2 * chance - 1))


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many runs at once."""

    runs: int
    per: str = "site"  # see PER
    #: With `per` "key": those with the same one count together.
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Alerts:
    """Who is notified of what. `on`: `failed` (each failure), `gave_up` (out of attempts), `warning`."""

    to: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    cooldown_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class Policy:
    name: str
    kind: str  # see KINDS
    #: A dotted method, a Scheduled Job Type, or a name with `*` in it.
    pattern: str
    #: The method of that Scheduled Job Type: the jobs of Frappe 15 name no record.
    scheduled_method: str | None = None
    queue: str | None = None
    timeout_s: float | None = None
    #: What is enqueued while a document is being saved waits for the commit, also with plain `frappe.enqueue`.
    after_commit: bool = False
    expected_s: float | None = None
    #: Running longer than so many times `expected_s` is overrunning.
    overrun_factor: float = limits.OVERRUN_FACTOR
    longest_wait_s: float | None = None
    #: In all, the first one included.
    attempts: int = 1
    backoff: Backoff = Backoff()
    #: Names of exception classes, bare or dotted; no `retry_on` means all.
    retry_on: tuple[str, ...] = ()
    never_on: tuple[str, ...] = ()
    idempotency: str = "unknown"
    #: Template of the key under which a job is unique while it waits or runs.
    key: str | None = None
    limit: Limit | None = None
    #: Template of the lock that is held while a job runs, and how long a job waits for it.
    lock: str | None = None
    lock_wait_s: float = 60.0
    lost: str = "ask"
    alerts: Alerts = Alerts()
    #: Names of arguments that are never shown.
    sensitive: tuple[str, ...] = ()
    catch_up: str = "once"
    overlap: str = "skip"
    source: str = "desk"

    @property
    def overruns_s(self) -> float | None:
        """A run that lasts longer than this is overrunning; None: the policy does not say."""
        return None if self.expected_s is None else self.expected_s * self.overrun_factor


def to_json(policy: Policy) -> dict[str, Any]:
    """All fields that differ from their default."""
    plain = asdict(policy)
    usual = asdict(Policy(policy.name, policy.kind, policy.pattern))
    chosen = {name: value for name, value in plain.items() if value != usual[name]}
    return {"name": policy.name, "kind": policy.kind, "pattern": policy.pattern, **chosen}


def from_json(values: Mapping[str, Any]) -> Policy:
    """Raises TypeError, ValueError or KeyError when this is no policy. A newer version's fields are passed over."""
    known = {each.name for each in fields(Policy)}
    plain = {name: _tuples(value) for name, value in values.items() if name in known}
    parts: dict[str, Any] = {"backoff": Backoff, "limit": Limit, "alerts": Alerts}
    for name, part in parts.items():
        if plain.get(name) is not None:
            plain[name] = part(**{key: _tuples(value) for key, value in plain[name].items()})
    return Policy(**plain)


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
