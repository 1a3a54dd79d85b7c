"""Operations on a queue, a worker, a method or the whole bench: authorise, check, perform, audit. See `operate`.

An operation that keeps jobs from running needs a reason, and each pause has an end, so that no bench stands still for a
week because somebody forgot a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from ..errors import BadRequest
from ..history import audit
from ..look.reader import JobReader
from ..messages import _, joined
from ..models.bench import Bench, Lane
from ..models.holds import BENCH, METHOD, QUEUE, WORKER, Hold, of_method, place
from ..models.outcomes import AuditEntry, Outcome
from ..models.workers import Worker
from ..operate import holds, stopping
from ..operate import limits as operate_limits
from ..progress import limits as progress_limits
from ..redis import keys
from ..redis.link import Redis
from ..rq.records import text
from ..scope import Scope
from ..wording import duration
from . import actions, limits, state_change
from .request import Request


@dataclass(frozen=True, slots=True)
class Operation:
    action: str
    actor: str
    #: The queue, the worker or the method.
    target: str = ""
    seconds: float | None = None
    reason: str = ""
    #: Of `move_waiting`: the other queue.
    to: str | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """What an operation works with: the connection, the look, and the viewer's scope."""

    redis: Redis
    reader: JobReader
    bench: Bench
    scope: Scope


_Do = Callable[[_Place, Operation], list[Outcome]]


def run(redis: Redis, reader: JobReader, bench: Bench, scope: Scope, operation: Operation) -> list[Outcome]:
    """One outcome, or one for each job that is moved. Raises BadRequest before anything is done."""
    do = OPERATIONS.get(operation.action)
    if do is None:
        raise BadRequest(
            _("There is no operation {action!r}; they are {actions}.").format(
                action=operation.action, actions=", ".join(OPERATIONS)
            )
        )
    if len(operation.reason) > progress_limits.REASON_CHARS:
        raise BadRequest(
            _("A reason has at most {reason_chars} characters.").format(reason_chars=progress_limits.REASON_CHARS)
        )
    if operation.action in NEEDS_REASON and not operation.reason:
        raise BadRequest(_("Say why: others will find work that waits, and want to know."))
    if operation.action in NEEDS_END:
        _check_end(operation.seconds)
    return do(_Place(redis, reader, bench, scope), operation)


def _check_end(seconds: float | None) -> None:
    least, most = operate_limits.HOLD_MIN_S, operate_limits.HOLD_MAX_S
    if seconds is None or not least <= seconds <= most:
        raise BadRequest(
            _("Say for how long: {least} to {most}. It ends by itself then.").format(
                least=duration(least), most=duration(most)
            )
        )


def _pause_queue(here: _Place, asked: Operation) -> list[Outcome]:
    served = {queue for worker in here.bench.workers for queue in worker.queues}
    name = asked.target if asked.target in served else _lane(here.bench, asked.target).name
    serving, deaf = here.bench.serving(name), here.bench.deaf(name)
    before = "paused" if place(QUEUE, name) in here.bench.holds else "running"
    if deaf and len(deaf) == len(serving):
        why = joined((_("Nothing was done: {deaf}").format(deaf=_deaf(deaf)), _HOW_TO_OBEY))
        return [_recorded(here, asked, Outcome("", False, before, before, why))]
    note = joined((_deaf(deaf), _HOW_TO_OBEY)) if deaf else ""
    return [_put(here, asked, QUEUE, name, Outcome("", True, before, "paused", note))]


_HOW_TO_OBEY = _(
    "It takes a worker that has loaded Job Console: restart it (bench restart), or tell it to stop after its job."
)


def _deaf(workers: list[Worker]) -> str:
    names = ", ".join(worker.name for worker in workers[:3]) + (" …" if len(workers) > 3 else "")
    text = _("{count:,} workers go on taking its jobs, pause or not: {names}.")
    if len(workers) == 1:
        text = _("{count:,} worker goes on taking its jobs, pause or not: {names}.")
    return text.format(count=len(workers), names=names)


def _resume_queue(here: _Place, asked: Operation) -> list[Outcome]:
    lane = _lane(here.bench, asked.target)
    return [_lift(here, asked, QUEUE, lane.name, Outcome("", True, "paused", "running"), _("It was not paused."))]


def _quiet(here: _Place, asked: Operation) -> list[Outcome]:
    worker = _worker(here.bench, asked.target)
    before = "quiet" if worker.quiet else worker.state
    if not worker.obeys:
        why = _(
            "RQ's workers have no such switch, and this one runs without Job Console. Tell it to stop after its job."
        )
        return [_recorded(here, asked, Outcome("", False, before, before, why))]
    return [_put(here, asked, WORKER, worker.name, Outcome("", True, before, "quiet"))]


def _unquiet(here: _Place, asked: Operation) -> list[Outcome]:
    done = Outcome("", True, "quiet", "running")
    return [_lift(here, asked, WORKER, asked.target, done, _("It was not quiet."))]


def _stop_worker(here: _Place, asked: Operation) -> list[Outcome]:
    worker = _worker(here.bench, asked.target)
    entry = _entry(here, asked, Outcome("", True, worker.state, "told"))
    stop = stopping.stop_after_job(here.redis, worker.name, worker.state, audit.of(entry))
    if stop.error is not None:
        return [state_change.not_done("", worker.state, stop.error)]
    outcome = Outcome("", stop.ok, worker.state, stop.after, stop.reason)
    if not stop.ok:
        return [_recorded(here, asked, outcome)]
    # What came of it is a second entry; that it was told is in the trail already.
    recorded = stop.after == "told" or audit.try_to_record(here.redis, [_entry(here, asked, outcome)])
    note = "" if stop.audited and recorded else state_change.NOT_AUDITED
    return [replace(outcome, reason=joined((outcome.reason, note)))]


def _pause_method(here: _Place, asked: Operation) -> list[Outcome]:
    name = _method(here, asked.target)
    before = "paused" if place(METHOD, name) in here.bench.holds else "running"
    return [_put(here, asked, METHOD, name, Outcome("", True, before, "paused"))]


def _resume_method(here: _Place, asked: Operation) -> list[Outcome]:
    name, done = _method(here, asked.target), Outcome("", True, "paused", "running")
    return [_lift(here, asked, METHOD, name, done, _("It was not paused."))]


def _suspend(here: _Place, asked: Operation) -> list[Outcome]:
    before = "suspended" if here.bench.suspended else "running"
    return [_put(here, asked, BENCH, "", Outcome("", True, before, "suspended"))]


def _move_waiting(here: _Place, asked: Operation) -> list[Outcome]:
    """Move the first waiting jobs, as many as one request may act on (`BULK_JOBS`)."""
    lane, to = _lane(here.bench, asked.target), _lane(here.bench, asked.to or "")
    if lane.name == to.name:
        raise BadRequest(_("Name another queue to move to."))
    first: Any = here.redis.lrange(keys.queue(lane.name), 0, limits.BULK_JOBS - 1)
    ids = list(dict.fromkeys(text(each) or "" for each in first))
    jobs = here.reader.read(ids)
    ids = [job.id for job in jobs if job.status == "queued" and here.scope.owns(job)]
    if not ids:
        return [Outcome("", False, "empty", "empty", _("Nothing of yours waits there."))]
    request = Request("move", asked.actor, asked.reason, to=to.name)
    return actions.run(here.redis, here.reader, here.bench, here.scope, request, ids)


OPERATIONS: Mapping[str, _Do] = {
    "pause_queue": _pause_queue,
    "resume_queue": _resume_queue,
    "quiet": _quiet,
    "unquiet": _unquiet,
    "stop_worker": _stop_worker,
    "pause_method": _pause_method,
    "resume_method": _resume_method,
    "suspend": _suspend,
    "move_waiting": _move_waiting,
}
#: Operations that keep jobs from running until `seconds` have passed.
NEEDS_END = ("pause_queue", "quiet", "pause_method", "suspend")
NEEDS_REASON = (*NEEDS_END, "stop_worker")


def _put(here: _Place, asked: Operation, kind: str, name: str, done: Outcome) -> Outcome:
    at = holds.now(here.redis)
    hold = Hold(kind, name, asked.actor, asked.reason, at, at + timedelta(seconds=asked.seconds or 0.0))
    entry = _entry(here, asked, done, f"until {hold.until:%Y-%m-%d %H:%M:%S} UTC")
    changed = holds.put(here.redis, hold, entry)
    if changed.error is not None:
        return state_change.not_done("", done.state_before, changed.error)
    if changed.verdict == "full":
        why = _("Nothing was done: {holds} queues, workers and methods are held already. Lift some first.").format(
            holds=operate_limits.HOLDS
        )
        return _recorded(here, asked, Outcome("", False, done.state_before, done.state_before, why))
    return done if changed.audited else replace(done, reason=joined((done.reason, state_change.NOT_AUDITED)))


def _lift(here: _Place, asked: Operation, kind: str, name: str, done: Outcome, not_held: str) -> Outcome:
    changed = holds.lift(here.redis, kind, name, _entry(here, asked, done))
    if changed.error is not None:
        return state_change.not_done("", done.state_before, changed.error)
    if changed.verdict == "missing":
        return _recorded(here, asked, Outcome("", False, done.state_after, done.state_after, not_held))
    return done if changed.audited else replace(done, reason=state_change.NOT_AUDITED)


def _recorded(here: _Place, asked: Operation, outcome: Outcome) -> Outcome:
    """Write the audit entry of an operation that does not write it in its own step."""
    recorded = audit.try_to_record(here.redis, [_entry(here, asked, outcome)])
    return (
        outcome
        if recorded or not outcome.ok
        else replace(outcome, reason=joined((outcome.reason, state_change.NOT_AUDITED)))
    )


def _entry(here: _Place, asked: Operation, outcome: Outcome, more: str = "") -> AuditEntry:
    of_queue = asked.action in ("pause_queue", "resume_queue")
    what = "" if of_queue else asked.target
    return AuditEntry(
        actor=asked.actor,
        action=asked.action,
        job_id="",
        ok=outcome.ok,
        state_before=outcome.state_before,
        state_after=outcome.state_after,
        reason=asked.reason or outcome.reason,
        queue=asked.target if of_queue else None,
        site=here.scope.site,
        detail=" ".join(filter(None, (what, more))),
    )


def _lane(bench: Bench, name: str) -> Lane:
    lane = bench.lane(name)
    if lane is None:
        known = ", ".join(each.name for each in bench.lanes) or "none"
        raise BadRequest(_("There is no queue {name!r}; the queues are {known}.").format(name=name, known=known))
    return lane


def _worker(bench: Bench, name: str) -> Worker:
    worker = bench.worker(name)
    if worker is None or not worker.alive:
        known = ", ".join(each.name for each in bench.workers if each.alive) or "none"
        raise BadRequest(_("There is no living worker {name!r}; those are {known}.").format(name=name, known=known))
    return worker


def _method(here: _Place, target: str) -> str:
    """`SITE:METHOD`; a site's own viewer names the method alone."""
    site, colon, method = target.rpartition(":")
    if not method or (not colon and here.scope.site is None):
        raise BadRequest(_("Name the method as SITE:METHOD: a.localhost:shop.stock.sync."))
    if here.scope.site is not None and colon and site != here.scope.site:
        raise BadRequest(_("That is another site's."))
    return of_method(here.scope.site or site, method)
