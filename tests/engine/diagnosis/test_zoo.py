"""The zoo let loose on the engine: every fault is named, with the right code and subject and by the second sweep
(some by the third); and nothing else is said."""

from __future__ import annotations

import time

import pytest

from job_console.console.embedded import Embedded
from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.policies import limits as policies_limits
from job_console.engine.service import Viewer
from tests.zoo import FAULTS, Fault
from tests.zoo.fault import RQ, Zoo, zoo

#: `job-console watch` gives each sweep's survey a second, in which an idle machine reads all that stands here.
SURVEY_S = 20.0


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{each.make.__module__[10:]}.{each.make.__name__}" for each in FAULTS])
def test_it_is_named(fault: Fault, server: Embedded, quick_proof: None, monkeypatch: pytest.MonkeyPatch) -> None:
    if fault.since > RQ:
        pytest.skip("this version of rq cannot have it")
    monkeypatch.setattr(policies_limits, "GHOST_WAIT_S", 0.2)
    with zoo(server) as made:
        subject = fault.make(made)
        for _ in range(fault.sweeps):
            time.sleep(diagnosis_limits.PROOF_S)
            made.engine.watch.forget()  # a second has passed
            look = made.engine.watch.look(SURVEY_S)
            made.engine.sweep()
        reported = [warning for warning in look.warnings if warning.code == fault.code]
        assert len(reported) == 1, [(warning.code, warning.message) for warning in look.warnings]
        assert {name: getattr(reported[0], name) for name in subject} == dict(subject)
        assert {warning.code for warning in look.warnings} <= {fault.code, *fault.also}
        if any(remedy.safe and not remedy.needs_site for remedy in reported[0].remedies):
            assert reported[0].id not in mended(made)


def mended(zoo: Zoo) -> set[str]:
    """What is still said after all was done that is safe."""
    done = zoo.engine.console(Viewer("tester", may_act=True)).warnings.mend()["results"]
    assert all(each["ok"] for each in done), done
    zoo.engine.watch.forget()
    return {warning.id for warning in zoo.engine.watch.look_twice(SURVEY_S).warnings}
