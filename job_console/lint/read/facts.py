"""What is kept of a file after it was read: small enough to be sent between processes, and all that rules need."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..models import Edit, Place


class Reach(Enum):
    """From where a function must be reached for a suspicion to hold."""

    ANYWHERE = "anywhere"
    JOB = "job"
    #: The scheduler itself calls it, in the lane of quick jobs.
    SCHEDULED = "scheduled"
    EVENT = "event"


@dataclass(frozen=True)
class Parameters:
    """Of a function, without `self`."""

    positional: tuple[str, ...]
    keyword_only: tuple[str, ...]
    required: frozenset[str]
    takes_any_positional: bool
    takes_any_keyword: bool

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.positional) | frozenset(self.keyword_only)


@dataclass(frozen=True)
class Function:
    #: `shop.orders.Order.send`; of one within another: `shop.orders.outer.inner`.
    name: str
    place: Place
    parameters: Parameters
    decorators: tuple[str, ...]
    #: Resolved names of what it calls, as far as they can be an app's.
    calls: frozenset[str]
    #: Dotted name of its class.
    owner: str | None


@dataclass(frozen=True)
class Class:
    name: str
    bases: tuple[str, ...]


@dataclass(frozen=True)
class Enqueue:
    """One call of `frappe.enqueue` or `enqueue_doc`."""

    place: Place
    #: Dotted name of the function that runs; None: not known here.
    target: str | None
    #: Of `enqueue_doc`, and of the target: the document's type and method.
    doctype: str | None
    method: str | None
    #: Names of the arguments that reach the function; None: some are in a `**`.
    arguments: frozenset[str] | None
    options: dict[str, Any]
    #: The target is a method of `self`.
    of_self: bool
    #: Run in this process, at once.
    inline: bool
    #: Its queue is given, but not as a literal.
    computed_queue: bool
    #: The function in which it stands.
    function: str | None


@dataclass(frozen=True)
class Suspicion:
    """A finding, if the function in which it stands is reached as `reach` says."""

    code: str
    place: Place
    message: str
    function: str | None = None
    reach: Reach = Reach.ANYWHERE
    fix: Edit | None = None


@dataclass(frozen=True)
class HookValue:
    """A string in hooks.py, with the keys that lead to it: `("scheduler_events", "cron", "0 3 * * *")`."""

    keys: tuple[str, ...]
    text: str
    place: Place


@dataclass
class Module:
    path: str
    name: str
    is_package: bool
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    #: What it imports at its top, by the name that it has here.
    aliases: dict[str, str] = field(default_factory=dict)
    #: Names that are assigned at its top.
    assigned: frozenset[str] = frozenset()
    #: Modules of which it imports everything; and whether names come into it in ways that cannot be read.
    stars: tuple[str, ...] = ()
    dynamic: bool = False
    enqueues: list[Enqueue] = field(default_factory=list)
    suspicions: list[Suspicion] = field(default_factory=list)
    hooks: list[HookValue] = field(default_factory=list)
    #: Codes that its comments exempt, by line; an empty set: all.
    exempt: dict[int, frozenset[str]] = field(default_factory=dict)
    #: Why it could not be read.
    unread: str | None = None
