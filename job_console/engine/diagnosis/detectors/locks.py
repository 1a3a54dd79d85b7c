"""`lock_orphaned`, `lock_overheld`, `lock_contended`: locks that stand in the way of work.

Orphaned: its holder's worker is gone, or does something else, and nobody has renewed the lease for most of its time.
Overheld: several times longer than ever before. Contended: somebody has waited for long, or for ever: in a circle.

Wrong if: the holder lives and could not renew its lease for as long as that lasts, or holds it that long by intent.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...locks import waitfor
from ...messages import Message, _, joined
from ...models.bench import Bench
from ...models.locks import Holder, LockState, site_of
from ...models.warnings import Remedy, Warning
from ...rq.call import ids_of_sites
from ...wording import duration, iso, many
from .. import limits

FREE = Remedy(
    "release_lock",
    _("Release the lock"),
    _(
        "Nobody is left to give it back: the next in line has it at once. Should the old holder wake up after all, it "
        "can commit nothing."
    ),
)
TAKE = Remedy(
    "release_lock",
    _("Release the lock"),
    _(
        "It is taken from its holder, who goes on, but can commit nothing any more: that work is rolled back. The next "
        "in line has it."
    ),
    safe=False,
)
STOP = Remedy(
    "stop",
    _("Stop the job that holds it"),
    _("Its worker ends it, and the lock is free at once. What the job has not committed is rolled back."),
    safe=False,
)


def detect_orphaned(bench: Bench) -> Iterator[Warning]:
    for lock in bench.locks:
        for holder in lock.holders:
            reason = _gone(bench, holder)
            if reason and (lock.waiters or not _runs(bench, holder)):
                left = (holder.until - bench.at).total_seconds() if holder.until else 0.0
                yield Warning(
                    code="lock_orphaned",
                    severity="critical" if lock.waiters else "warning",
                    job_id=holder.who.job_id,
                    worker=holder.who.worker,
                    site=lock.site or holder.who.site,
                    since=holder.since,
                    message=_(
                        "The lock {lock!r} is held by {name}, but {reason}. It ends by itself in {duration}; {waiting}."
                    ).format(
                        lock=lock.name,
                        name=_name(holder),
                        reason=reason,
                        duration=duration(left),
                        waiting=_waiting(lock),
                    ),
                    evidence={**_evidence(lock, holder), "ends_in_s": round(left)},
                    remedies=(FREE,),
                    needs_proof=True,
                    about=lock.name,
                )


def detect_overheld(bench: Bench) -> Iterator[Warning]:
    for lock in bench.locks:
        expected = max(limits.LOCK_OVERHELD_S, limits.LOCK_OVERHELD_FACTOR * lock.longest_hold_s)
        for holder in lock.holders:
            held = (bench.at - holder.since).total_seconds()
            if lock.acquired >= limits.LOCK_HISTORY and held > expected:
                yield Warning(
                    code="lock_overheld",
                    severity="warning" if lock.waiters else "info",
                    job_id=holder.who.job_id,
                    worker=holder.who.worker,
                    site=lock.site or holder.who.site,
                    since=holder.since,
                    message=_(
                        "The lock {lock!r} has been held by {name} for {duration}, longest before was "
                        "{longest}; {waiting}."
                    ).format(
                        lock=lock.name,
                        name=_name(holder),
                        duration=duration(held),
                        longest=duration(lock.longest_hold_s),
                        waiting=_waiting(lock),
                    ),
                    evidence={**_evidence(lock, holder), "held_s": round(held), "longest_s": lock.longest_hold_s},
                    remedies=_remedies(bench, holder),
                    about=lock.name,
                )


def detect_contended(bench: Bench) -> Iterator[Warning]:
    circles = waitfor.deadlocks(bench.locks)
    for circle in circles:
        victim = next(
            each for lock in bench.locks for each in lock.holders
            if lock.name == circle.lock and waitfor.actor(each.who) == circle.victim
        )  # fmt: skip
        reported = _clauses(
            [
                _("{waiter} waits for {holder} ({lock!r})").format(
                    waiter=edge.waiter, holder=edge.holder, lock=edge.lock
                )
                for edge in circle.edges
            ]
        )
        yield Warning(
            code="lock_contended",
            severity="critical",
            job_id=victim.who.job_id,
            site=victim.who.site,
            since=circle.since,
            message=_("A deadlock: {reported}. The safest to break is {lock!r}, held for the shortest time.").format(
                reported=reported, lock=circle.lock
            ),
            evidence={
                "lock": circle.lock,
                "fence": victim.token,
                "victim": circle.victim,
                "deadlock": [edge.lock for edge in circle.edges],
            },
            remedies=_remedies(bench, victim),
            needs_proof=True,
            about=circle.lock,
            private=_private(circle),
        )
    dead = {edge.lock for circle in circles for edge in circle.edges}
    for lock in bench.locks:
        first = min((waiter.since for waiter in lock.waiters), default=None)
        waited = (bench.at - first).total_seconds() if first else 0.0
        if lock.name not in dead and lock.holders and waited > limits.LOCK_CONTENDED_WAIT_S:
            holder = lock.holders[0]
            yield Warning(
                code="lock_contended",
                severity="warning",
                job_id=holder.who.job_id,
                site=lock.site or holder.who.site,
                since=first,
                message=_contended(lock).format(
                    callers=_counted(lock), lock=lock.name, duration=duration(waited), name=_name(holder)
                ),
                evidence={**_evidence(lock, holder), "waited_s": round(waited), "contended": lock.contended},
                remedies=_remedies(bench, holder),
                about=lock.name,
            )


def _remedies(bench: Bench, holder: Holder) -> tuple[Remedy, ...]:
    """Of a holder who lives: stopping its job ends all that it does, releasing the lock leaves it running."""
    return (STOP, TAKE) if holder.who.job_id in bench.held else (TAKE,)


def _gone(bench: Bench, holder: Holder) -> str:
    """Why nobody can give this lock back any more; "" when somebody may. Only of jobs is the process known to us."""
    if not holder.who.worker or holder.until is None:
        return ""
    unrenewed = holder.ttl_s - (holder.until - bench.at).total_seconds()
    if unrenewed < limits.LOCK_SILENT_SHARE * holder.ttl_s:
        return ""
    worker = bench.worker(holder.who.worker)
    if worker is None or worker.state == "gone":
        return _("its worker is gone")
    if worker.job_id != holder.who.job_id:
        return _("its worker is done with that job")
    return ""


def _private(circle: waitfor.Deadlock) -> dict[str, str]:
    """Who stands in a circle over locks of the whole bench may be of several sites."""
    jobs = (edge.waiter.removeprefix("job ") for edge in circle.edges)
    locks = ((edge.lock, site_of(edge.lock)) for edge in circle.edges)
    return {**ids_of_sites(*jobs), **{name: site for name, site in locks if site}}


def _runs(bench: Bench, holder: Holder) -> bool:
    """Whether its job still counts as running: then `worker_lost` says all while nobody waits for the lock."""
    return any(job.id == holder.who.job_id for lane in bench.lanes for job in lane.running)


def _name(holder: Holder) -> str:
    return str(holder.who)


def _waiting(lock: LockState) -> str:
    return _("{callers} for it").format(callers=_callers(lock)) if lock.waiters else _("nobody waits for it")


def _callers(lock: LockState) -> str:
    counted = _counted(lock)
    return _("at least {many}").format(many=counted) if lock.waiters_at_least else counted


def _counted(lock: LockState) -> Message:
    return many(len(lock.waiters), _("{count:,} caller waits"), _("{count:,} callers wait"))


def _contended(lock: LockState) -> Message:
    if lock.waiters_at_least:
        return _("At least {callers} for the lock {lock!r}, the first for {duration}; {name} has it.")
    return _("{callers} for the lock {lock!r}, the first for {duration}; {name} has it.")


def _clauses(items: list[Message]) -> Message:
    """`a waits for b, and b waits for a`"""
    return (
        joined(items) if len(items) < 2 else _("{items}, and {last}").format(items=_clauses(items[:-1]), last=items[-1])
    )


def _evidence(lock: LockState, holder: Holder) -> dict[str, object]:
    return {
        "lock": lock.name,
        "fence": holder.token,
        "method": holder.who.method,
        "host": holder.who.host,
        "pid": holder.who.pid,
        "since": iso(holder.since),
        "waiting": len(lock.waiters),
        "waiting_at_least": lock.waiters_at_least,
    }
