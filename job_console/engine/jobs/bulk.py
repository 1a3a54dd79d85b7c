"""An action on all jobs that match a query, in turns: by whoever asked for it, and, when they go away, by the sweep.

No worker is needed for it, so it also clears a lane whose workers hang. First the jobs are looked for and their ids
written down, so that what comes later is not meant; then it is done to them, a hundred in a turn. Each is read again
just before: one that does not match any more is left alone. What is done twice, because a process went in the midst of
a turn, is refused the second time. Every job has its entry in the audit trail; the whole has one at its end.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from time import monotonic
from uuid import uuid4

from ..errors import BadRequest
from ..history import audit
from ..look import limits as look_limits
from ..look.reader import JobReader
from ..messages import _, pack
from ..models.bench import Bench
from ..models.bulk import Bulk, BulkAction, OutcomeKind
from ..models.jobs import Job
from ..models.outcomes import AuditEntry, Outcome
from ..redis import keys
from ..redis.link import Redis
from ..scope import Scope
from . import actions, bulk_store, limits, query_text, search, segments
from .query import Query, visible
from .request import Request

#: What can be done to very many, each in one step in Redis.
ACTIONS = ("cancel", "retry", "move", "front", "delete")
#: What undoes it, of jobs that were in this state before: as long as they have not started.
UNDO = {"cancel": ("retry", ("queued",)), "retry": ("cancel", ("failed", "stopped", "canceled"))}
_CHANGED = _("It does not match any more: somebody was quicker.")


def start(redis: Redis, bench: Bench, asked: BulkAction) -> Bulk:
    """Nothing is done yet. Raises BadRequest."""
    if asked.action not in ACTIONS:
        text = _("Very many jobs can be done this to: {actions}; not {action!r}.")
        raise BadRequest(text.format(actions=", ".join(ACTIONS), action=asked.action))
    query = query_text.read(asked.q, bench.at)
    if not asked.q.strip():
        raise BadRequest(_("Say which jobs: a query that names nothing would mean all of them."))
    segments.of(bench, query)
    actions.check(bench, _request(asked), ["any"])
    bulk_store.begin(redis, asked, bench.at, "collecting")
    return _known(redis, asked.id)


def undo(redis: Redis, bulk: Bulk, actor: str, now: datetime) -> Bulk:
    """What it did, and has not started since, is undone: by another one. Raises BadRequest."""
    if bulk.runs or not bulk.undoable:
        nothing, runs = _("There is nothing to undo."), _("It still runs: cancel it first.")
        raise BadRequest(nothing if bulk.undoable == 0 else runs)
    reverse, _states = UNDO[bulk.asked.action]
    why = f"Undo: {bulk.asked.q}"
    asked = BulkAction(uuid4().hex[:12], reverse, "", actor, bulk.asked.site, why, undoes=bulk.asked.id)
    count = bulk_store.take_undo(redis, bulk.asked.id, asked.id)
    bulk_store.begin(redis, asked, now, "acting", matched=count)
    return _known(redis, asked.id)


def cancel(redis: Redis, bulk: Bulk, now: datetime) -> Bulk:
    """What is done is done; the rest is left."""
    if bulk.runs:
        _end(redis, bulk, now, "canceled")
    return _known(redis, bulk.asked.id)


def step(redis: Redis, reader: JobReader, bench: Bench, bulk: Bulk, query: Query) -> Bulk:
    """Go on for a while; at once when somebody else does. `query`: that of the action, as this engine hides secrets."""
    with _leased(redis, bulk.asked.id) as ours:
        bulk = _known(redis, bulk.asked.id)
        if not ours or not bulk.runs:
            return bulk
        scope, deadline = Scope(bulk.asked.site), monotonic() + limits.BULK_STEP_S
        while True:
            _turn(redis, reader, bench, scope, bulk, query)
            bulk = _known(redis, bulk.asked.id)
            if not bulk.runs or monotonic() >= deadline:
                return bulk


def _turn(redis: Redis, reader: JobReader, bench: Bench, scope: Scope, bulk: Bulk, query: Query) -> None:
    try:
        if bulk.state == "collecting":
            _collect(redis, reader, bench, scope, bulk, query)
        elif not _act(redis, reader, bench, scope, bulk, query):
            _end(redis, bulk, bench.at, "done")
    except BadRequest as error:  # a lane that is not there any more
        bulk_store.note(redis, bulk.asked.id, bench.at, error=json.dumps(pack(str(error))))
        _end(redis, bulk, bench.at, "failed")


def _collect(redis: Redis, reader: JobReader, bench: Bench, scope: Scope, bulk: Bulk, query: Query) -> None:
    """One slice of the search. Jobs that leave a lane's head meanwhile move up the others: slices overlap."""
    row = segments.of(bench, query)
    length = sum(segment.length for segment in row)
    start, found = max(bulk.scanned - look_limits.LIST_OVERLAP, 0), bulk.matched
    scanned, cut = bulk.scanned, False
    for part in search.walk(redis, reader, row, query, scope, start, limits.SEARCH_SLICE_S):
        wanted = [job.id for job in part.jobs if _fits(job, bulk, query, scope)]
        cut = found + len(wanted) > limits.BULK_MATCHED
        found = bulk_store.add_todo(redis, bulk.asked.id, wanted[: limits.BULK_MATCHED - found], found)
        scanned = part.scanned
        if cut:
            break
    ended = cut or scanned >= length
    said = {"scanned": min(scanned, length), "of": length, "matched": found, "cut": int(cut)}
    bulk_store.note(redis, bulk.asked.id, bench.at, **said)
    if ended:
        _state(redis, bulk, bench.at, "acting")


def _fits(job: Job, bulk: Bulk, query: Query, scope: Scope) -> bool:
    return visible(job, query, scope) and job.status in actions.STATES[bulk.asked.action]


def _act(redis: Redis, reader: JobReader, bench: Bench, scope: Scope, bulk: Bulk, query: Query) -> bool:
    """A hundred of them. False: there are no more."""
    ids = bulk_store.next_todo(redis, bulk.asked.id)
    if not ids:
        return False
    jobs = {job.id: job for job in reader.read(ids)}
    wanted = [job_id for job_id in ids if _still(jobs[job_id], bulk, query, scope)]
    outcomes = actions.run(redis, reader, bench, scope, _request(bulk.asked), wanted) if wanted else []
    kinds = Counter(_kind(outcome) for outcome in outcomes)
    left = len(ids) - len(wanted)
    if left:
        kinds[OutcomeKind(False, "", _CHANGED)] += left
    back = [outcome.job_id for outcome in outcomes if _undoable(outcome, bulk)]
    bulk_store.tried(redis, bulk, ids, kinds, back)
    bulk_store.note(redis, bulk.asked.id, bench.at)
    return True


def _still(job: Job, bulk: Bulk, query: Query, scope: Scope) -> bool:
    """Just before it is done. Of an undo: what has not started, or was not done anything else to."""
    if bulk.asked.undoes is None:
        return _fits(job, bulk, query, scope)
    wanted = "canceled" if bulk.asked.action == "retry" else "queued"
    return scope.owns(job) and job.status == wanted


def _kind(outcome: Outcome) -> OutcomeKind:
    return (
        OutcomeKind(True, outcome.state_after, "")
        if outcome.ok
        else OutcomeKind(False, outcome.state_before, outcome.reason)
    )


def _undoable(outcome: Outcome, bulk: Bulk) -> bool:
    if bulk.asked.undoes is not None or bulk.asked.action not in UNDO:
        return False
    # A copy of what had finished is another job, and has its own id.
    return outcome.ok and not outcome.new_job_id and outcome.state_before in UNDO[bulk.asked.action][1]


def _request(asked: BulkAction) -> Request:
    return Request(asked.action, asked.actor, asked.reason, asked.to)


def _state(redis: Redis, bulk: Bulk, now: datetime, state: str) -> None:
    """Somebody may have canceled it meanwhile: that stays."""
    if _known(redis, bulk.asked.id).runs:
        bulk_store.note(redis, bulk.asked.id, now, state=state)


def _end(redis: Redis, bulk: Bulk, now: datetime, state: str) -> None:
    if not _known(redis, bulk.asked.id).runs:
        return  # somebody was quicker
    bulk_store.note(redis, bulk.asked.id, now, state=state, ended=now.timestamp())
    redis.delete(keys.bulk_todo(bulk.asked.id))
    bulk = replace(_known(redis, bulk.asked.id), state=state)
    done = sum(count for kind, count in bulk.kinds.items() if kind.ok)
    words = f"{done:,} of {bulk.matched:,} jobs"
    entry = AuditEntry(
        actor=bulk.asked.actor,
        action=f"bulk_{bulk.asked.action}",
        job_id="",
        ok=state == "done",
        state_before="",
        state_after=state,
        reason=bulk.asked.reason,
        queue=None,
        site=bulk.asked.site,
        detail=f"{words}: {bulk.asked.q or 'undo'}",
    )
    audit.try_to_record(redis, [entry])


def _known(redis: Redis, bulk_id: str) -> Bulk:
    found = bulk_store.read(redis, bulk_id)
    if found is None:
        raise BadRequest(_("That bulk action is not known any more: it ended more than a day ago."))
    return found


@contextmanager
def _leased(redis: Redis, bulk_id: str) -> Iterator[bool]:
    name, token = keys.bulk_lease(bulk_id), uuid4().hex
    ours = bool(redis.set(name, token, nx=True, px=round(limits.BULK_LEASE_S * 1000)))
    try:
        yield ours
    finally:
        held = redis.get(name) if ours else None
        if held == token.encode():
            redis.delete(name)
