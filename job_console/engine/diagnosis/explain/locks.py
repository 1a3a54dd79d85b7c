"""What a job has to do with locks: what it waits for and who has it, and what others wait for because it has it."""

from __future__ import annotations

from ...errors import BadRequest
from ...jobs import lock_actions
from ...locks.models import full_name
from ...messages import _, joined
from ...models.locks import LockState
from ...models.warnings import Remedy
from ...policies import templates
from ...wording import iso, many, ordinal
from .case import Case, Reason


def waits(case: Case) -> list[Reason]:
    """Of a running job: it stands in line for a lock."""
    return [
        _waits(case, lock, place)
        for lock in _visible(case)
        for place, waiter in enumerate(lock.waiters, 1)
        if waiter.who.job_id == case.job.id
    ]


def _waits(case: Case, lock: LockState, place: int) -> Reason:
    since = lock.waiters[place - 1].since
    line = _(", {ordinal} in line").format(ordinal=ordinal(place)) if place > 1 else ""
    text = _("It waits for the lock {lock!r}, for {since}{line}.").format(
        lock=lock.name, since=case.since(since), line=line
    )
    return Reason(
        joined((text, _holders(case, lock))),
        {"lock": lock.name, "since": iso(since), "place": place, **_evidence(lock)},
        *_remedies(case, lock),
    )


def holds(case: Case) -> list[Reason]:
    """Of a running job: others wait for a lock that it has."""
    return [
        Reason(
            _("It holds the lock {lock!r} for {since}, which {others} for.").format(
                lock=lock.name,
                since=case.since(holder.since),
                others=many(
                    len(lock.waiters),
                    _("{count:,} other waits"),
                    _("{count:,} others wait"),
                    at_least=lock.waiters_at_least,
                ),
            ),
            {
                "lock": lock.name,
                "fence": holder.token,
                "waiting": len(lock.waiters),
                "waiting_at_least": lock.waiters_at_least,
            },
        )
        for lock in _visible(case)
        for holder in lock.holders
        if holder.who.job_id == case.job.id and lock.waiters
    ]


def needs(case: Case) -> list[Reason]:
    """Of a job that has not started: its policy names a lock, which somebody has."""
    policy = case.bench.policies.of(case.job)
    if policy is None or not policy.lock:
        return []
    try:
        name = full_name(templates.of_call(policy.lock, policy, case.job.call), case.job.site)
    except BadRequest:
        return []
    lock = next((lock for lock in _visible(case) if lock.name == name and lock.holders), None)
    if lock is None:
        return []
    text = _("When it starts, its policy lets it wait for the lock {name!r}.").format(name=name)
    return [
        Reason(
            joined((text, _holders(case, lock))),
            {"lock": name, "policy": policy.name, **_evidence(lock)},
            *_remedies(case, lock),
        )
    ]


def _visible(case: Case) -> list[LockState]:
    site = case.scope.site
    return [lock_actions.scoped(lock, site) for lock in case.bench.locks if lock_actions.sees(lock.name, site)]


def _holders(case: Case, lock: LockState) -> str:
    if not lock.holders:
        return _("Nobody has it at this moment.")
    first, more = lock.holders[0], lock.holders_total - 1
    also = (_(", and {count:,} other has it, too"), _(", and {count:,} others have it, too"))
    others = many(more, *also) if more else ""
    return _("It has been held for {since} by {who}{others}.").format(
        since=case.since(first.since), who=str(first.who), others=others
    )


def _evidence(lock: LockState) -> dict[str, object]:
    first = lock.holders[0] if lock.holders else None
    return {
        "holder_job_id": first.who.job_id if first else None,
        "holder_since": iso(first.since) if first else None,
        "fence": first.token if first else None,
        "waiting": len(lock.waiters),
        "waiting_at_least": lock.waiters_at_least,
    }


def _remedies(case: Case, lock: LockState) -> tuple[tuple[Remedy, ...], str | None]:
    """As a warning about this lock offers them, and the job that it offers them for: the holder's."""
    about = (each for each in case.warnings if each.about == lock.name and each.code.startswith("lock_"))
    return next(((each.remedies, each.job_id) for each in about), ((), None))
