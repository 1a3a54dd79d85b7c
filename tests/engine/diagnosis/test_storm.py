"""A storm of faults: see tests/storm. Its seed is in the message of what fails: `python -m tests.storm --seed N`."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.storm.many import side_by_side
from tests.storm.results import table, words
from tests.zoo.fault import RQ

from ...support.sizes import sized

FAULTS = sized(3, 2_000)
#: Side by side, so that the nights' faults fit into an hour: six keep one of two processors busy.
STORMS = sized(1, 3 * (os.cpu_count() or 1))
HEALTHY_S = sized(0, 3_600)


@pytest.mark.skipif(RQ < (2, 7), reason="a minute of faults: once is enough, with the newest rq")
@pytest.mark.timeout(sized(600, 40_000))
def test_each_fault_is_named_and_no_job_is_lost_or_doubled(tmp_path: Path) -> None:
    seed = int(os.environ.get("JOB_CONSOLE_STORM") or random.SystemRandom().randrange(1_000_000))
    found = side_by_side(tmp_path, seed, FAULTS, STORMS, HEALTHY_S)
    report = "\n".join(
        [f"seed {seed}", *table(found.results), *(f"{count} {word}" for word, count in words(found.results).items())]
    )
    assert found.broken == [], report
    assert sum(each.number > 0 for each in found.results) == FAULTS
    assert [each for result in found.results for each in (*result.missed, *result.false)] == [], report
    assert (found.ended.lost, found.ended.doubled) == ([], []), report
    assert found.ended.jobs > 0
