"""A storm of faults: see tests/storm. Its seed is in the message of what fails: `python -m tests.storm --seed N`."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.storm.storm import Storm, table, words
from tests.zoo.fault import RQ

from ...support.sizes import sized

FAULTS = sized(3, 2_000)


@pytest.mark.skipif(RQ < (2, 7), reason="a minute of faults: once is enough, with the newest rq")
@pytest.mark.timeout(sized(600, 40_000))
def test_each_fault_is_named_and_no_job_is_lost_or_doubled(tmp_path: Path) -> None:
    seed = int(os.environ.get("JOB_CONSOLE_STORM") or random.SystemRandom().randrange(1_000_000))
    storm = Storm(tmp_path, seed)
    storm.run(range(1, FAULTS + 1))
    told = "\n".join(
        [f"seed {seed}", *table(storm.results), *(f"{count} {word}" for word, count in words(storm.results).items())]
    )
    assert [each for result in storm.results for each in (*result.missed, *result.false)] == [], told
    assert (storm.ended.lost, storm.ended.doubled) == ([], []), told
    assert storm.ended.jobs > 0
