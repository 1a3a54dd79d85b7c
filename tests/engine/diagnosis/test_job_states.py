"""Every state in every place: what is said of it, and that mending it loses, doubles and stops nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from rq.job import JobStatus

from job_console.engine.diagnosis import job_states
from job_console.engine.redis import keys
from job_console.engine.service import Console
from tests.zoo.fault import RQ

from .. import bench
from ..bench import SHORT

DOCS = Path(__file__).resolve().parents[3] / "docs" / "job-states.md"
CELLS = [(state, place) for state in job_states.STATES for place in job_states.PLACES]


#: RQ 2 cannot load a status that it does not know, as before 2.4.1 this one.
ENDS_WORKERS = RQ >= (2, 0) and not hasattr(JobStatus, "CREATED")


def put(redis: Any, job_id: str, place: str, over: bool) -> None:
    now = time.time() - (7200 if over else 0)
    if place in ("queue", "intermediate"):
        redis.rpush(keys.queue(SHORT) if place == "queue" else keys.intermediate(SHORT), job_id)
    elif place == "started":
        redis.zadd(keys.registry("started", SHORT), {job_id: now - 60})
    elif place != "nowhere":
        redis.zadd(keys.registry(place, SHORT), {job_id: now + 3600})


def build(redis: Any, state: str, *places: str) -> str:
    """A job of rq's own making, whose record and places are then what life made of them."""
    job = bench.enqueue(redis, name=f"{state}-{'-'.join(places)}")
    redis.lrem(keys.queue(SHORT), 0, job.id)
    bench.age(redis, job.id, 7200, "created_at", "enqueued_at")
    if state == "none":
        redis.delete(keys.job(job.id))
        redis.hset(keys.job(job.id), "last_heartbeat", bench.ago(60))
    elif state == "created":
        redis.hset(keys.job(job.id), "status", "created")  # as rq 2.4.1 and later write it
    else:
        redis.hset(keys.job(job.id), "status", state)
    if state in ("started", "finished", "failed", "stopped"):
        bench.age(redis, job.id, 3600, "started_at", "last_heartbeat")
        redis.hset(keys.job(job.id), "worker_name", "gone")
    for place in places:
        put(redis, job.id, place, over=state == "none")
    return str(job.id)


def reported(console: Console, job_id: str) -> dict[str, Any] | None:
    found = [warning for warning in console.warnings.all(prove=True)["warnings"] if warning["job_id"] == job_id]
    return found[0] if found else None


@pytest.mark.parametrize(("state", "place"), CELLS)
def test_what_is_said_and_mended_is_what_the_table_says(
    state: str, place: str, redis: Any, console: Console, quick_proof: None
) -> None:
    job_id, cell = build(redis, state, place), job_states.cell(state, {place})
    before = bench.places(redis, job_id), bench.status(redis, job_id)
    warning = reported(console, job_id)
    expected = cell.code if cell.verdict != job_states.WELL or (state, place) == ("started", "started") else None
    if state == "created" and place in ("queue", "intermediate") and ENDS_WORKERS:
        expected = "undecodable"
    assert (warning and warning["code"]) == expected
    if warning:
        assert cell.remedy in [remedy["action"] for remedy in warning["remedies"]] or cell.remedy is None
    if state != "none" and cell.code in (None, "duplicated"):
        because = console.jobs.explain(job_id)["because"]
        assert cell.verdict == job_states.WELL or f"Its record says {state}. {cell.text}" in because
    console.warnings.mend()
    after = bench.places(redis, job_id), bench.status(redis, job_id)
    mended = warning is not None and any(remedy["safe"] for remedy in warning["remedies"])
    assert (after != before) == mended
    if mended:
        whole = {
            "clear": ([], None),
            "requeue": ([f"queued {SHORT}"], "queued"),
            "fail": ([f"failed {SHORT}"], "failed"),
        }
        assert after == whole[str(cell.remedy)]


@pytest.mark.parametrize(("state", "place"), CELLS)
def test_what_is_offered_can_be_done(
    state: str, place: str, redis: Any, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = job_states.cell(state, {place})
    if cell.remedy is None or cell.verdict == job_states.WELL:
        return
    job_id = build(redis, state, place)
    (result,) = console.actions.run(cell.remedy, [job_id], "a test", queue=SHORT)["results"]
    assert result["ok"], result
    ends = {
        "clear": [[]],
        "delete": [[]],
        "fail": [[f"failed {SHORT}"]],
        "requeue": [[f"queued {SHORT}"]],
        "retry": [[f"queued {SHORT}"], [f"{place} {SHORT}"], []],
    }
    left = bench.places(redis, job_id)
    assert left in ends[cell.remedy]
    if cell.remedy == "retry":
        new = result.get("new_job_id") or job_id
        assert bench.places(redis, new) == [f"queued {SHORT}"]
        assert state == "finished" or new == job_id


@pytest.mark.parametrize("places", [("queue", "scheduled"), ("deferred", "failed"), ("scheduled", "canceled")])
def test_of_several_places_the_strongest_counts(places: tuple[str, ...]) -> None:
    for state in job_states.STATES:
        assert job_states.cell(state, places) == job_states.TABLE[state, places[0]]


def test_put_back_it_stands_in_one_place_only(redis: Any, console: Console) -> None:
    """What is left elsewhere would bring it to run once more."""
    job_id = build(redis, "queued", "scheduled", "deferred", "failed")
    (result,) = console.actions.run("requeue", [job_id])["results"]
    assert result["ok"], result
    assert bench.places(redis, job_id) == [f"queued {SHORT}"]


def table() -> str:
    """As the documentation shows it."""
    lines = ["| record | place | verdict | what it means | warning | remedy |", "| --- | --- | --- | --- | --- | --- |"]
    for (state, place), cell in job_states.TABLE.items():
        code = f"`{cell.code}`" if cell.code else ""
        remedy = f"`{cell.remedy}`{'' if not cell.safe else ', by `mend` too'}" if cell.remedy else ""
        lines.append(f"| {state} | {place} | {cell.verdict} | {cell.text} | {code} | {remedy} |")
    return "\n".join(lines)


def test_the_documentation_shows_the_table() -> None:
    assert table() in DOCS.read_text("utf-8")
