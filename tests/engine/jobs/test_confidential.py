"""What nobody may read here: jobs of other sites, and secrets in a description."""

from __future__ import annotations

import json
from typing import Any

import pytest

from job_console.engine.redis import keys
from job_console.engine.rq.call import site_mark, site_of_id
from job_console.engine.service import Console, Engine, Viewer

from .. import bench
from .taking import start, take


def test_another_sites_job_is_named_nowhere(redis: Any, engine: Engine) -> None:
    """A lost job of ours, whose worker now runs theirs; and jobs that wait for each other across sites."""
    ours = bench.enqueue(redis, site="acme.com", name="ours")
    take(redis)
    start(redis, ours.id)
    theirs = bench.enqueue(redis, site="acme.com.au", name="their-secret")
    take(redis)
    start(redis, theirs.id)
    redis.hset(keys.job(ours.id), "dependency_ids", json.dumps([theirs.id, "acme.com||own"]))
    redis.sadd(keys.dependents(ours.id), theirs.id)
    console = engine.console(Viewer("sam", site="acme.com", may_act=True))
    warned = console.warnings.all(prove=True)
    assert [warning["code"] for warning in warned["warnings"]] == ["worker_lost"]
    shown = console.jobs.show(ours.id)
    assert shown["dependencies"] == ["acme.com||own"]
    text = json.dumps(
        [warned, shown, console.snapshot(), console.jobs.explain(ours.id) if hasattr(console, "explain") else 0]
    )
    assert "their-secret" not in text
    assert "acme.com.au" not in text


def test_secrets_in_a_description_are_hidden(redis: Any, console: Console) -> None:
    """RQ's own description holds the arguments, and labels what cannot be read."""
    bench.fill(redis, 1, data=b"garbage", description="execute_job(kwargs={'password': 'hunter2'})")
    text = json.dumps([console.snapshot(), console.jobs.page()])
    assert "hunter2" not in text


@pytest.mark.parametrize(("job_id", "site"), [("a.b::x||y", "a.b"), ("a.b||x::y", "a.b"), ("a|b||c", None), ("", None)])
def test_the_first_mark_of_an_id_ends_its_site(job_id: str, site: str | None) -> None:
    assert site_of_id(job_id) == site
    assert site_mark(job_id) == (job_id[: len(site) + 2] if site else "")
