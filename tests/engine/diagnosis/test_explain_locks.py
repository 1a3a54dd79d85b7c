"""What explanations say of locks: which one a job waits for, and who has it."""

from __future__ import annotations

from typing import Any

from job_console.engine.diagnosis.detectors.locks import STOP
from job_console.engine.diagnosis.explain import Case, because
from job_console.engine.diagnosis.explain.case import Facts
from job_console.engine.models.jobs import Detail, Job
from job_console.engine.models.locks import Holder, LockState, Waiter, Who
from job_console.engine.models.warnings import Remedy, Warning
from job_console.engine.scope import Scope

from .build import SITE, ago, bench, call, job, lane, ruled, running, worker

NAME = f"{SITE}|recalc:C-1"
FREE = Remedy("release_lock", "Release the lock", "The next in line has it.")


def holder(job_id: str, site: str = SITE) -> Holder:
    who = Who(job_id=job_id, method="shop.recalc", user="ann@x", pid=7, host="here", site=site)
    return Holder(job_id, who, 42, ago(180), 60, "c", 1, ago(-50))


def waiter(job_id: str, waited: float = 12) -> Waiter:
    return Waiter(job_id, Who(job_id=job_id, site=SITE), ago(waited), ago(-5), "c", 1)


def reported(of: Job, *locks: LockState, site: str | None = None, warnings: Any = (), **more: Any) -> Any:
    detail = Detail(of, (), 1 if of.status == "queued" else None, None, (), None)
    at_work = lane(running=(of,) if of.status == "started" else ())
    seen = bench(at_work, workers=(worker("w1", job_id=of.id),), locks=locks, **more)
    return because(Case(detail, seen, Facts(), Scope(site), tuple(warnings)))


def test_a_running_job_that_waits_names_the_lock_and_who_has_it() -> None:
    lock = LockState(NAME, (holder("j9"),), (waiter("j5"), waiter("j1")))
    reason = reported(running(), lock).reasons[0]
    assert reason.text == (
        f"It waits for the lock '{NAME}', for 12 s, 2nd in line. "
        "It has been held for 3 min by shop.recalc, ann@x, process 7 on here."
    )
    assert reason.evidence["holder_job_id"] == "j9"
    assert (reason.evidence["place"], reason.evidence["waiting"]) == (2, 2)


def test_it_offers_what_the_warning_offers_for_the_holders_job() -> None:
    lock = LockState(NAME, (holder("j9"),), (waiter("j1"),))
    warning = Warning("lock_overheld", "warning", "…", job_id="j9", about=NAME, remedies=(STOP, FREE))
    reason = reported(running(), lock, warnings=[warning]).reasons[0]
    assert (reason.remedies, reason.job_id) == ((STOP, FREE), "j9")
    assert reported(running(), lock).reasons[0].remedies == ()


def test_a_lock_that_nobody_has_at_the_moment() -> None:
    assert "Nobody has it" in reported(running(), LockState(NAME, (), (waiter("j1"),))).reasons[0].text


def test_a_running_job_that_others_wait_for_says_so() -> None:
    lock = LockState(NAME, (holder("j1"),), (waiter("j2"), waiter("j3")))
    texts = [reason.text for reason in reported(running(), lock).reasons]
    assert f"It holds the lock '{NAME}' for 3 min, which 2 others wait for." in texts
    assert not any("lock" in reason.text for reason in reported(running(), LockState(NAME, (holder("j1"),))).reasons)


def test_other_sites_people_are_not_named() -> None:
    lock = LockState("*|deploy", (holder("secret-1", "b.localhost"),), (waiter("j1"),))
    reason = reported(running(), lock, site=SITE).reasons[0]
    assert "by another site." in reason.text
    assert reason.evidence["holder_job_id"] is None
    theirs = LockState("b.localhost|theirs", (holder("j9", "b.localhost"),), (waiter("j1"),))
    assert not any("lock" in reason.text for reason in reported(running(), theirs, site=SITE).reasons)


def test_a_queued_job_whose_policy_names_a_lock() -> None:
    wanting = job(call=call(arguments={"customer": "C-1"}))
    policies = ruled(lock="recalc:{customer}")
    reason = reported(wanting, LockState(NAME, (holder("j9"),)), policies=policies).reasons[-1]
    assert reason.text.startswith(f"When it starts, its policy lets it wait for the lock '{NAME}'. It has been held")
    for locks, ruling in (((), policies), ((LockState(NAME, (holder("j9"),)),), ruled())):
        assert not any("lock" in reason.text for reason in reported(wanting, *locks, policies=ruling).reasons)
