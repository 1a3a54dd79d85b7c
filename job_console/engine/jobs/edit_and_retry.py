"""Edit and retry: enqueues a job that has ended again, as a new job, with some of its arguments changed.

The payload is never unpickled: the values that the restricted reader read are pickled again, and only when all of them
are plain data. Anything else (an object, a set, a dict of some class) would not be the same afterwards, and is refused.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from .. import wording
from ..errors import BadRequest, NoSuchJob
from ..history import audit
from ..look.reader import JobReader
from ..messages import _
from ..models.bench import Bench
from ..models.jobs import Job
from ..models.outcomes import AuditEntry, Outcome
from ..models.policies import Policy
from ..progress import limits as progress_limits
from ..redis import keys, transition
from ..redis import limits as redis_limits
from ..redis.link import Redis, answers, pipelined, script
from ..rq import call, payload
from ..rq import limits as rq_limits
from ..rq.records import text
from ..scope import Scope
from . import actions, limits, repeat, state_change
from .redact import Redaction

ACTION = "edit_and_retry"
_ATOMS = (type(None), bool, int, float, str, bytes, date, datetime, time, timedelta, timezone, Decimal, UUID)
#: Dicts of these classes are read as plain dicts, and would be written as such.
_OTHER_DICTS = (b"OrderedDict", b"_dict")
#: Wrappers, with the arguments that name the function to call: an edit must not change those.
_FIXED: dict[str, Collection[str]] = {
    ".run_doc_method": ("doc_method", "doctype"),
    ".document.execute_action": ("__action", "__doctype"),
    ".safe_exec.call_whitelisted_function": ("function",),
    call.TASK: call.TASK_ARGUMENTS,
    ".chunks.parts.run_part": ("work", "arguments"),
    ".chunks_parts.run_part": ("work", "arguments"),
}
_STATES = actions.STATES["retry"]


@dataclass(frozen=True, slots=True)
class Edit:
    job_id: str
    #: New values by the arguments' names: what JSON can say.
    changes: Mapping[str, Any]
    actor: str
    reason: str = ""


def retry(redis: Redis, reader: JobReader, bench: Bench, scope: Scope, redaction: Redaction, edit: Edit) -> Outcome:
    """Enqueue the new job. The audit trail has the changes, redacted. Raises NoSuchJob; BadRequest when the arguments
    cannot be changed in this way.
    """
    (job,) = reader.read([edit.job_id])
    if job.status == "vanished" or not scope.owns(job):
        raise NoSuchJob(edit.job_id)
    policy = bench.policies.of(job)
    outcome = _refused(job, policy, edit)
    if outcome is None:
        data: Any = redis.hget(keys.job(job.id), "data") or b""
        edited, before = rewritten(data, job, edit.changes)
        changed = _reported(before, edit.changes, redaction.hiding(policy.sensitive) if policy else redaction)
        outcome = _enqueue(redis, job, data, edited, _entry(job, edit, f"Changed {changed}"))
    if not outcome.ok:
        refused = replace(_entry(job, edit, outcome.reason), ok=False)
        audit.try_to_record(redis, [replace(refused, state_before=job.status, state_after=outcome.state_after)])
    return outcome


def _refused(job: Job, policy: Policy | None, edit: Edit) -> Outcome | None:
    if len(edit.reason) > progress_limits.REASON_CHARS:
        raise BadRequest(
            _("A reason has at most {reason_chars} characters.").format(reason_chars=progress_limits.REASON_CHARS)
        )
    if not isinstance(edit.changes, Mapping) or not edit.changes:
        raise BadRequest(_("Name at least one argument and its new value; to run it as it was, retry it."))
    why = repeat.refusal(job, policy, edit.reason)
    if job.status not in _STATES:
        why = _("It is {status}: only what has ended can run again with other arguments.").format(
            status=wording.state(job.status)
        )
    return Outcome(job.id, False, job.status, job.status, why) if why else None


def rewritten(data: bytes, job: Job, changes: Mapping[str, Any]) -> tuple[bytes, dict[str, Any]]:
    """(the payload with these arguments changed, their old values). Raises BadRequest."""
    if job.call.kind == "scheduled":
        raise BadRequest(_("A schedule's run has no arguments of its own."))
    plain, whole = payload.inflate(data)
    if not whole:
        raise BadRequest(_("Its arguments cannot be edited: they are too large."))
    if any(name in plain for name in _OTHER_DICTS):
        raise BadRequest(
            _("Its arguments cannot be edited: they hold a dict of a class of its own, or text that names one.")
        )
    try:
        function, instance, args, kwargs = _Plain().parts(payload.loads(plain))
    except payload.Unreadable as problem:
        raise BadRequest(_("Its arguments cannot be edited: {problem}.").format(problem=problem)) from None
    wrapped = call.is_wrapped(kwargs)
    arguments = kwargs["kwargs"] if wrapped else kwargs
    fixed = _fixed(kwargs["method"]) if wrapped else ()
    strange = [name for name in changes if name not in arguments or name in fixed]
    if strange:
        known = ", ".join(sorted(str(name) for name in arguments if name not in fixed)) or "none"
        raise BadRequest(
            _("It was enqueued without an argument {strange!r}; its arguments are {known}.").format(
                strange=strange[0], known=known
            )
        )
    before = {name: arguments[name] for name in changes}
    arguments.update(changes)
    return zlib.compress(pickle.dumps((function, instance, args, kwargs))), before


def _fixed(wrapper: str) -> Collection[str]:
    return next((names for ending, names in _FIXED.items() if wrapper.endswith(ending)), ())


class _Plain:
    """Converts what was read to plain data that pickles to the same. Raises Unreadable."""

    def __init__(self) -> None:
        self.left = rq_limits.VALUES

    def parts(self, value: Any) -> tuple[str, None, tuple[Any, ...], dict[str, Any]]:
        if not isinstance(value, (tuple, list)) or len(value) != 4 or value[1] is not None:
            raise payload.Unreadable(_("it calls a method of an object, not a function"))
        function, _instance, args, kwargs = value
        if not isinstance(args, (tuple, list)) or not isinstance(kwargs, dict):
            raise payload.Unreadable(_("they are not a list and a dict"))
        if call.is_wrapped(kwargs):
            kwargs = {**kwargs, "method": self.function(kwargs["method"])}
            if not isinstance(kwargs["kwargs"], dict):
                raise payload.Unreadable(_("they are no dict"))
        return self.function(function), None, tuple(self.items(args, 0)), self.value(kwargs, 0)

    def function(self, value: Any) -> str:
        """The name of the function, by which RQ and Frappe look it up."""
        if isinstance(value, str) or (isinstance(value, type) and issubclass(value, payload.Placeholder)):
            return payload.name_of(value)
        raise payload.Unreadable(_("what is called has no plain name"))

    def value(self, value: Any, depth: int) -> Any:
        self.left -= 1
        if self.left < 0 or depth > limits.DEPTH * 4:
            raise payload.Unreadable(_("they are too many, or too deep"))
        if type(value) in _ATOMS:
            return value
        if type(value) in (list, tuple):
            return type(value)(self.items(value, depth))
        if isinstance(value, dict):
            if not all(type(key) in (str, int) for key in value):
                raise payload.Unreadable(_("a dict in them has keys that are no text"))
            return {key: self.value(item, depth + 1) for key, item in value.items()}
        kind = value.name if isinstance(value, payload.Placeholder) else type(value).__name__.strip("_").lower()
        raise payload.Unreadable(_("they hold more than plain data ({kind})").format(kind=kind))

    def items(self, values: Iterable[Any], depth: int) -> list[Any]:
        return [self.value(item, depth + 1) for item in values]


def _enqueue(redis: Redis, job: Job, data: bytes, edited: bytes, entry: AuditEntry) -> Outcome:
    new_id = state_change.new_id(job.id)
    said = asdict(replace(entry, detail=new_id))
    fields = audit.fields(**{name: said[name] for name in said if name not in ("state_before", "state_after", "at")})
    label = f"{job.call.method}, edited after {job.id}"
    now = transition.iso(state_change.server_now(redis))
    places = (keys.job(job.id), keys.job(new_id), keys.QUEUES, keys.queue(job.queue))
    names = (*places, keys.AUDIT, keys.AUDIT_JOBS)
    bounds = (redis_limits.AUDIT_ENTRIES, job.id, len(_STATES), *_STATES)
    pipeline = pipelined(redis)
    copy = script("trail") + script("copy_edited")
    pipeline.eval(copy, len(names), *names, new_id, now, data, edited, label, *bounds, *fields)
    (answer,) = answers(pipeline, 1)
    if isinstance(answer, Exception):
        return state_change.not_done(job.id, job.status, answer)
    verdict, state, unaudited = (text(part) or "" for part in answer)
    if verdict == "missing":
        raise NoSuchJob(job.id)
    if verdict == "done":
        return Outcome(job.id, True, state, state, state_change.NOT_AUDITED if unaudited else "", new_job_id=new_id)
    why = (
        _("It is {state} by now.").format(state=wording.state(state))
        if verdict == "refused"
        else _("Its id was used again meanwhile: look at it first.")
    )
    return Outcome(job.id, False, state, state, why)


def _reported(before: Mapping[str, Any], after: Mapping[str, Any], redaction: Redaction) -> str:
    old, new = redaction.arguments(before), redaction.arguments(after)
    return "; ".join(f"{name}: {old[name]!r} → {new[name]!r}" for name in old if name in new)


def _entry(job: Job, edit: Edit, reported: str) -> AuditEntry:
    """Without the states."""
    return AuditEntry(
        actor=edit.actor,
        action=ACTION,
        job_id=job.id,
        ok=True,
        state_before="",
        state_after="",
        reason=". ".join(part for part in (edit.reason, reported) if part)[: 2 * progress_limits.REASON_CHARS],
        queue=job.queue,
        site=job.site,
        method=state_change.method_of(job),
    )
