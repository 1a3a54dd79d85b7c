"""A job that somebody makes in the page: what is asked for, whether it may be, and how the audit trail says it.

The site enqueues it, by its own `frappe.enqueue` (`bridge.new_jobs`). Only methods are offered that its jobs have run
before, and no wrapper, whose arguments name what is run: the page is no way to run any code.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..errors import BadRequest
from ..messages import _
from ..models.outcomes import AuditEntry, Outcome
from ..progress import limits as progress_limits
from ..rq.call import runs_others
from ..wording import duration
from . import limits
from .redact import Redaction

ACTION = "make_job"


@dataclass(frozen=True, slots=True)
class NewJob:
    method: str
    arguments: Mapping[str, Any]
    #: "": as the function's policy says, or Frappe's default.
    queue: str
    #: None: that of its lane.
    timeout_s: int | None
    #: None: at once.
    at: datetime | None
    reason: str


def offered(seen: Iterable[str], doctypes: Collection[str]) -> list[str]:
    """Of the methods that the site's jobs have run: those that are functions. One of a document needs its document."""
    return sorted(
        method
        for method in set(seen)
        if "." in method and method.rpartition(".")[0] not in doctypes and not runs_others(method)
    )


def check(
    new: NewJob, methods: Collection[str], lanes: Collection[str], reserved: Collection[str], now: datetime
) -> None:
    """`reserved`: names of arguments that `frappe.enqueue` keeps for itself. Raises BadRequest."""
    if new.method not in methods:
        raise BadRequest(
            _("No job of this site has run {method!r} in the last day; only what has run is made here.").format(
                method=new.method
            )
        )
    if new.queue and new.queue not in lanes:
        raise BadRequest(
            _("There is no queue {name!r}; the queues are {known}.").format(
                name=new.queue, known=", ".join(sorted(lanes)) or "none"
            )
        )
    _check_arguments(new.arguments, reserved)
    if new.timeout_s is not None and not 1 <= new.timeout_s <= limits.NEW_JOB_TIMEOUT_S:
        raise BadRequest(_("A timeout is 1 to {most:,} seconds.").format(most=limits.NEW_JOB_TIMEOUT_S))
    if new.at is not None and not now < new.at <= now + timedelta(seconds=limits.NEW_JOB_AHEAD_S):
        raise BadRequest(
            _("Its time must be in the future, within {most}.").format(most=duration(limits.NEW_JOB_AHEAD_S))
        )
    if not new.reason:
        raise BadRequest(_("Say why: the audit trail keeps it."))
    if len(new.reason) > progress_limits.REASON_CHARS:
        raise BadRequest(
            _("A reason has at most {reason_chars} characters.").format(reason_chars=progress_limits.REASON_CHARS)
        )


def _check_arguments(arguments: Mapping[str, Any], reserved: Collection[str]) -> None:
    taken = [name for name in arguments if name in reserved]
    if taken:
        raise BadRequest(
            _("frappe.enqueue keeps an argument {name!r} for itself: no job can be given one.").format(name=taken[0])
        )
    if len(json.dumps(arguments, default=str)) > limits.NEW_JOB_CHARS:
        raise BadRequest(
            _("Its arguments are too large: at most {most:,} characters.").format(most=limits.NEW_JOB_CHARS)
        )


def entry(new: NewJob, made: Outcome, actor: str, site: str | None, queue: str, redaction: Redaction) -> AuditEntry:
    """The reason, then the arguments, as the page shows them."""
    shown = redaction.arguments(new.arguments)
    said = ", ".join(f"{name}: {value!r}" for name, value in shown.items())
    parts = (new.reason, f"With {said}" if said else "", "" if made.ok else made.reason)
    return AuditEntry(
        actor=actor,
        action=ACTION,
        job_id=made.job_id,
        ok=made.ok,
        state_before="",
        state_after=made.state_after,
        reason=". ".join(part for part in parts if part)[: 2 * progress_limits.REASON_CHARS],
        queue=queue,
        site=site,
        method=new.method,
    )
