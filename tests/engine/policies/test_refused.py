"""explain of a job that was never enqueued says of which other one it was a duplicate."""

from __future__ import annotations

import re
from typing import Any

import pytest

from job_console.engine.errors import NoSuchJob
from job_console.engine.redis import keys
from job_console.engine.service import Engine, Viewer

from .. import bench
from .test_unique import SITE, claimed, holder

SECOND = f"{SITE}||second"


@pytest.mark.parametrize(
    ("status", "said"), [("queued", "still waits"), ("started", "is running"), ("finished", "has finished since")]
)
def test_it_names_the_other_one_and_how_that_stands(redis: Any, engine: Engine, status: str, said: str) -> None:
    first = holder(redis)
    claimed(redis, SECOND)
    redis.hset(keys.job(first.id), "status", status)
    reported = engine.console(Viewer("sam", SITE)).jobs.explain(SECOND)
    assert reported["state"] == "refused"
    (sentence,) = reported["because"]
    assert re.match(
        rf"It was refused as a duplicate of {re.escape(first.id)} \d+ s ago: a job with the key 'C-1' waited", sentence
    )
    assert sentence.endswith(f"That one {said}.")
    assert reported["details"][0]["evidence"]["duplicate_of"] == first.id


def test_the_other_one_may_be_gone(redis: Any, engine: Engine) -> None:
    first = holder(redis)
    claimed(redis, SECOND)
    redis.delete(keys.job(first.id))
    (sentence,) = engine.console(Viewer("root")).jobs.explain(SECOND)["because"]
    assert sentence.endswith("That one is gone since.")


def test_another_site_learns_nothing(redis: Any, engine: Engine) -> None:
    holder(redis)
    claimed(redis, SECOND)
    with pytest.raises(NoSuchJob):
        engine.console(Viewer("eve", "b.localhost")).jobs.explain(SECOND)


def test_a_job_that_was_enqueued_is_explained_as_ever(redis: Any, engine: Engine) -> None:
    first = holder(redis)
    assert engine.console(Viewer("sam", SITE)).jobs.explain(first.id)["state"] == "queued"
    assert bench.places(redis, first.id) == [f"queued {bench.SHORT}"]
