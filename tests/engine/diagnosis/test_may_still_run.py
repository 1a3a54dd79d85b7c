"""Whether a lost run may still go on somewhere: nothing that would double it is safe as long as it may."""

from __future__ import annotations

from typing import Any

import pytest

from job_console.engine.diagnosis.detectors.worker_lost import may_still_run
from job_console.engine.diagnosis.limits import LEASE_GRACE_S

from .build import NOW, ago, running

TIMEOUT_S = 300


@pytest.mark.parametrize(
    ("ran_s", "said", "may"),
    [
        (10, {}, True),
        (TIMEOUT_S + 1, {}, True),
        (TIMEOUT_S + LEASE_GRACE_S - 1, {}, True),
        (TIMEOUT_S + LEASE_GRACE_S + 1, {}, False),
        (TIMEOUT_S + LEASE_GRACE_S + 1, {"lease_until": ago(-1)}, True),
        (TIMEOUT_S + LEASE_GRACE_S + 1, {"timeout_s": -1}, True),
        (TIMEOUT_S + LEASE_GRACE_S + 1, {"timeout_s": None}, True),
        (TIMEOUT_S + LEASE_GRACE_S + 1, {"started_at": None}, True),
    ],
)
def test_it_may_until_its_timeout_and_a_minute_are_over(ran_s: float, said: dict[str, Any], may: bool) -> None:
    job = running(ran=ran_s, **{"timeout_s": TIMEOUT_S, "lease_until": ago(60), **said})
    assert may_still_run(NOW, job) is may
