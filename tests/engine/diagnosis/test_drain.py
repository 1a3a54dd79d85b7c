"""Before a deploy: what blocks, and when it is safe."""

from __future__ import annotations

from typing import Any

from job_console.engine.diagnosis import drain
from job_console.engine.models.bench import Bench, Counts
from job_console.engine.models.warnings import Warning
from job_console.engine.scope import Scope

from .build import LONG, ago, bench, call, job, lane, running, said, usual, worker

OURS = {"obeys": True}


def lost(worker: str, **evidence: Any) -> Warning:
    return Warning("worker_lost", "critical", "It lost its worker.", job_id="j1", worker=worker, evidence=evidence)


def look(*lanes: Any, **more: Any) -> drain.Drain:
    return drain.look(bench(*lanes, **{"suspended": True, "suspended_until": ago(-600), **more}))


def test_an_idle_bench_that_is_suspended_is_safe() -> None:
    found = look(lane(counts=Counts(queued=3)), workers=[worker(state="idle", **OURS)])
    assert found.safe
    assert found.text == (
        "It is safe: nothing runs, and no worker takes new work. 3 jobs wait, and will after the deploy. "
        "Workers take work again in 10 min, or when it is ended."
    )


def test_one_that_takes_work_is_not() -> None:
    found = look(lane(), suspended=False, suspended_until=None)
    assert (found.draining, found.safe) == (False, False)
    assert found.text.startswith("The bench takes new work")


def test_what_runs_blocks_until_it_usually_ends() -> None:
    rows = (running(ran=60), running("j2", ran=100, timeout_s=150, call=call("shop.pull")))
    found = look(
        lane(running=rows), workers=[worker(**OURS)], usual={"shop.sync": usual(), "shop.pull": usual(median_s=110)}
    )
    assert not found.safe
    assert (found.safe_in_s, found.safe_within_s) == (120, 240)
    assert [(block.job.id, block.left_s, block.most_s) for block in found.blocks] == [("j1", 120, 240), ("j2", 10, 50)]
    assert "2 jobs still run. They usually end within 2 min." in found.text


def test_what_tells_its_progress_is_believed() -> None:
    found = look(lane(running=(running(ran=60, progress=said(done=50, total=100, rate=1.0, at=ago(0))),)))
    assert found.safe_in_s == 50


def test_without_a_history_its_timeout_is_the_latest() -> None:
    found = look(lane(running=(running(ran=60),)), workers=[worker(**OURS)])
    assert (found.safe_in_s, found.safe_within_s) == (None, 240)
    assert "At the latest their timeouts end them within 4 min." in found.text
    assert "No telling" in look(lane(running=(running(timeout_s=-1),))).text


def test_of_more_than_a_look_reads_no_end_is_promised() -> None:
    rows = tuple(running(f"j{number}", ran=60) for number in range(50))
    found = look(lane(running=rows, counts=Counts(started=51)), usual={"shop.sync": usual()})
    assert "at least 50 jobs still run" in found.text
    assert (found.at_least, found.safe_in_s, found.safe_within_s) == (True, None, None)
    assert drain.to_json(found, Scope(), {})["blocks_at_least"] is True
    all_of_them = look(lane(running=rows, counts=Counts(started=50)), usual={"shop.sync": usual()})
    assert (all_of_them.at_least, all_of_them.safe_in_s is None) == (False, False)


def test_what_was_taken_and_has_not_begun_blocks() -> None:
    found = look(lane(intermediate=(job(),)))
    assert [block.taken for block in found.blocks] == [True]
    assert not found.safe


def test_a_worker_that_holds_a_job_blocks_though_no_lane_lists_it() -> None:
    held = running("x", queue=LONG)
    found = look(lane(), workers=[worker(job_id="x")], held={"x": held})
    assert [block.job.id for block in found.blocks] == ["x"]
    assert not found.nameless


def test_a_busy_worker_that_names_no_job_blocks() -> None:
    found = look(lane(), workers=[worker(job_id=None)])
    assert (len(found.nameless), found.safe, found.safe_in_s) == (1, False, None)


def test_what_has_ended_blocks_no_more() -> None:
    assert look(lane(), workers=[worker(state="idle", **OURS)], held={"x": job("x", "finished")}).safe


def test_a_lost_job_blocks_nothing_and_is_named() -> None:
    """Neither does the worker that still calls itself busy with it."""
    found = {"j1": lost(worker="w1")}
    around = {"workers": [worker("w1", job_id="j1")], "lost": found}
    drained = look(lane(running=(running(),)), **around)
    assert (drained.safe, drained.blocks, drained.nameless) == (True, (), ())
    assert "1 job is lost: its record says that it runs, and nothing runs it." in drained.text
    assert [row["job_id"] for row in drain.to_json(drained, Scope(), {})["lost"]] == ["j1"]
    taken = look(lane(intermediate=(job(worker="w1"),)), **around)
    assert (taken.safe, len(taken.lost)) == (True, 1), "also what was taken by it and had not begun"


def test_a_job_that_goes_on_without_its_worker_blocks() -> None:
    found = look(lane(running=(running(),)), lost={"j1": lost(worker="w1", job_runs=True)})
    assert (found.safe, len(found.blocks), found.lost) == (False, 1, ())


def test_an_idle_worker_that_does_not_obey_is_named() -> None:
    found = look(lane(), workers=[worker(state="idle")])
    assert "1 idle worker takes one more job if one comes" in found.text


def test_other_sites_jobs_block_and_are_not_named() -> None:
    theirs: Bench = bench(lane(running=(running(call=call(site="b.localhost")),)), suspended=True)
    (row,) = drain.to_json(drain.look(theirs), Scope("a.localhost"), {})["blocks"]
    assert (row["job_id"], row["label"]) == (None, "a job of another site")
