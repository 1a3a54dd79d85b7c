"""The zoo let loose on the engine: every fault is named, with the right code and subject and by the second sweep
(some by the third), and is still told when RQ's own maintenance has run; and nothing else is said."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator

import pytest

from job_console.console.embedded import Embedded
from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.models.warnings import Warning
from job_console.engine.policies import limits as policies_limits
from job_console.engine.service import Viewer
from tests.zoo import FAULTS, Fault, Zoo, maintenance
from tests.zoo.fault import RQ, Subject, zoo

from .test_docs import PAGES

#: `job-console watch` gives each sweep's survey a second, in which an idle machine reads all that stands here.
SURVEY_S = 20.0


Make = Callable[[Fault], tuple[Zoo, Subject]]


def names(faults: Iterable[Fault]) -> list[str]:
    return [f"{each.make.__module__[10:]}.{each.make.__name__}" for each in faults]


@pytest.fixture
def make(server: Embedded, quick_proof: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """The fault on an empty server, and the subject that must be named."""
    monkeypatch.setattr(policies_limits, "GHOST_WAIT_S", 0.2)
    with contextlib.ExitStack() as cleanup:

        def make(fault: Fault) -> tuple[Zoo, Subject]:
            if fault.since > RQ:
                pytest.skip("this version of rq cannot have it")
            made = cleanup.enter_context(zoo(server))
            return made, fault.make(made)

        yield make


def swept(zoo: Zoo, times: int) -> list[Warning]:
    """What is said after so many sweeps."""
    for _ in range(times):
        time.sleep(diagnosis_limits.PROOF_S)
        look = zoo.look(SURVEY_S)
    return list(look.warnings)


@pytest.mark.parametrize("fault", FAULTS, ids=names(FAULTS))
def test_it_is_named(fault: Fault, make: Make) -> None:
    made, subject = make(fault)
    warnings = swept(made, fault.sweeps)
    (reported,) = of_code(warnings, fault.code)
    assert {name: getattr(reported, name) for name in subject} == dict(subject)
    assert {warning.code for warning in warnings} <= {fault.code, *fault.also}
    if any(remedy.safe and not remedy.needs_site for remedy in reported.remedies):
        assert reported.id not in mended(made)


#: One of each code that RQ's maintenance leaves as it is, and all that become something else by it.
MAINTAINED = [
    *{fault.code: fault for fault in FAULTS if fault.then is None}.values(),
    *(fault for fault in FAULTS if fault.then is not None),
]


@pytest.mark.parametrize("fault", MAINTAINED, ids=names(MAINTAINED))
def test_rqs_own_maintenance_hides_it_from_nobody(fault: Fault, make: Make) -> None:
    made, _subject = make(fault)
    maintenance.run(made.redis)
    then = fault.code if fault.then is None else fault.then
    warnings = swept(made, fault.sweeps)
    assert len(of_code(warnings, then)) == bool(then), warnings
    assert {warning.code for warning in warnings} <= {then, *fault.also}


def test_each_detector_has_such_a_fault() -> None:
    """One that real processes of real RQ make, and over which RQ's own maintenance then runs."""
    codes = {page.stem for page in PAGES.glob("*.md")} - {"README"}
    assert {fault.code for fault in FAULTS} == codes
    assert {fault.code for fault in MAINTAINED} == codes


def of_code(warnings: list[Warning], code: str) -> list[Warning]:
    return [warning for warning in warnings if warning.code == code]


def mended(zoo: Zoo) -> set[str]:
    """What is still said after all was done that is safe."""
    done = zoo.engine.console(Viewer("tester", may_act=True)).warnings.mend()["results"]
    assert all(each["ok"] for each in done), done
    zoo.engine.watch.forget()
    return {warning.id for warning in zoo.engine.watch.look_twice(SURVEY_S).warnings}
