"""Mending: every safe remedy once, nothing unsafe, and nothing that changed since the look."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from rq.suspension import suspend

from job_console.engine.diagnosis import mend
from job_console.engine.errors import Forbidden
from job_console.engine.jobs import actions
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.locks import steps
from job_console.engine.look.snapshot import take
from job_console.engine.models.warnings import Remedy, Warning
from job_console.engine.redis import keys
from job_console.engine.scope import Scope
from job_console.engine.service import Console, Engine, Viewer

from ...support.locks import give_back, held, let_end
from ...support.processes import Workers
from ..bench import DEFAULT, SHORT, age, enqueue, expire_lease, places, scheduled_run, status

SAFE = Remedy("requeue", "Put it back", "It runs.")
ALSO_SAFE = Remedy("free", "Free its id", "It goes.")
UNSAFE = Remedy("stop", "Stop it", "It is killed.", safe=False)


def warning(job_id: str | None, *remedies: Remedy, code: str = "ghost_queued") -> Warning:
    return Warning(code, "critical", "something", queue=SHORT, job_id=job_id, remedies=remedies)


@pytest.mark.parametrize(
    ("warnings", "steps", "left"),
    [
        ([], [], 0),
        ([warning("a", SAFE, ALSO_SAFE)], [("a", "requeue")], 0),
        ([warning("a", UNSAFE, ALSO_SAFE)], [("a", "free")], 0),
        ([warning("a", UNSAFE), warning("b")], [], 2),
        ([warning("a", ALSO_SAFE, code="blocked_schedule"), warning("a", SAFE)], [("a", "free")], 0),
        ([warning("a", UNSAFE), warning("a", SAFE)], [("a", "requeue")], 1),
        ([warning(None, SAFE)], [], 1),
        ([warning(None, Remedy("resume", "Resume", "They work."))], [(None, "resume")], 0),
    ],
    ids=["nothing", "the first safe one", "not the unsafe one", "nothing safe", "each job once", "safe beside unsafe",
         "another site's", "the bench"],
)  # fmt: skip
def test_what_is_planned(warnings: list[Warning], steps: list[tuple[str | None, str]], left: int) -> None:
    plan = mend.plan(warnings)
    assert [(step.warning.job_id, step.remedy.action) for step in plan.steps] == steps
    assert len(plan.left) == left


@pytest.fixture
def faults(redis: Any, workers: Workers, wait_until: Any, quick_proof: None) -> dict[str, str]:
    """A ghost, an orphan id, a job whose worker was killed, a suspended bench; and sound jobs beside them."""
    ghost, orphan, sound = scheduled_run(redis).id, enqueue(redis).id, enqueue(redis).id
    redis.lrem(keys.queue(SHORT), 0, ghost)
    redis.delete(keys.job(orphan))
    lost = enqueue(redis, "tests.jobs.hang", DEFAULT).id
    worker = workers.start(DEFAULT)
    wait_until(lambda: status(redis, lost) == "started")
    workers.kill(worker)
    expire_lease(redis, lost, queue=DEFAULT)
    age(redis, lost, 400, "started_at")  # and its process, if that one is still there, has run out of time
    age(redis, ghost, 60, "enqueued_at", "created_at")
    age(redis, sound, 60, "enqueued_at", "created_at")
    suspend(redis)
    return {"ghost": ghost, "orphan": orphan, "lost": lost, "sound": sound}


def test_a_dry_run_says_what_and_does_nothing(faults: dict[str, str], console: Console, redis: Any) -> None:
    said = console.warnings.mend(dry_run=True)
    assert {(result["code"], result["job_id"], result["action"]) for result in said["results"]} == {
        ("ghost_queued", faults["ghost"], "requeue"),
        ("orphan_id", faults["orphan"], "clear"),
        ("worker_lost", faults["lost"], "fail"),
    }
    assert all(result["ok"] and result["state_before"] == result["state_after"] for result in said["results"])
    assert {result["state_before"] for result in said["results"]} == {"queued", "orphan", "started"}
    assert places(redis, faults["ghost"]) == []
    assert status(redis, faults["lost"]) == "started"
    assert redis.exists(keys.SUSPENDED)
    assert console.actions.audit()["total"] == 0


def test_mending_mends_and_says_so(faults: dict[str, str], console: Console, redis: Any) -> None:
    done = console.warnings.mend()
    assert all(result["ok"] for result in done["results"])
    assert len(done["results"]) == 3
    assert places(redis, faults["ghost"]) == [f"queued {SHORT}"]
    assert places(redis, faults["orphan"]) == []
    assert places(redis, faults["lost"]) == [f"failed {DEFAULT}"]
    assert places(redis, faults["sound"]) == [f"queued {SHORT}"]
    assert redis.exists(keys.SUSPENDED), "somebody asked for it"
    entries = console.actions.audit()["entries"]
    assert {(entry["job_id"], entry["reason"]) for entry in entries} == {
        (faults["ghost"], "mend: ghost_queued"),
        (faults["orphan"], "mend: orphan_id"),
        (faults["lost"], "mend: worker_lost"),
    }
    assert console.warnings.mend()["results"] == []
    assert [left["code"] for left in done["left"]] == [left["code"] for left in console.warnings.mend()["left"]]


def test_what_changed_since_the_look_is_left_alone(
    faults: dict[str, str], engine: Engine, console: Console, redis: Any
) -> None:
    look = engine.watch.look_twice(1.0)
    steps = mend.plan(look.warnings).steps
    redis.lpush(keys.queue(SHORT), faults["ghost"])  # its worker came back with it
    redis.hset(keys.job(faults["orphan"]), "status", "queued")
    redis.hset(keys.job(faults["lost"]), "status", "finished")
    done = mend.perform(redis, engine.reader, take(redis, engine.reader), console.scope, "tester@here", steps)
    assert len(done) == 3
    for _step, outcome in done:
        assert not outcome.ok
        assert outcome.reason
    assert places(redis, faults["ghost"]) == [f"queued {SHORT}"]
    assert status(redis, faults["lost"]) == "finished"


def test_an_old_look_does_not_free_the_next_run_of_a_schedule(
    redis: Any, engine: Engine, console: Console, quick_proof: None
) -> None:
    """All runs of a schedule have one id: somebody freed the ghost, and the next run waits its turn."""
    ghost = scheduled_run(redis, name="scheduled_job||tasks.pull")
    redis.lrem(keys.queue(SHORT), 0, ghost.id)
    seen = next(each for each in engine.watch.look_twice(1.0).warnings if each.code == "ghost_queued")
    free = next(remedy for remedy in seen.remedies if remedy.label == "Free its id")
    blocked = replace(seen, code="blocked_schedule", remedies=(free,))  # as that detector offers it
    steps = mend.plan([blocked]).steps
    assert console.actions.run(free.action, [ghost.id])["results"][0]["ok"]
    assert places(redis, ghost.id) == []
    assert enqueue(redis, name="scheduled_job||tasks.pull").id == ghost.id
    ((_step, outcome),) = mend.perform(
        redis, engine.reader, take(redis, engine.reader), console.scope, "tester@here", steps
    )
    assert not outcome.ok
    assert places(redis, ghost.id) == [f"queued {SHORT}"]


def test_a_ghost_that_was_put_back_is_not_freed(
    redis: Any, engine: Engine, console: Console, quick_proof: None
) -> None:
    ghost = enqueue(redis).id
    redis.lrem(keys.queue(SHORT), 0, ghost)
    (seen,) = console.warnings.all(prove=True)["warnings"]
    put_back, free = seen["remedies"]
    assert console.actions.run(put_back["action"], [ghost])["results"][0]["ok"]
    assert not console.actions.run(free["action"], [ghost])["results"][0]["ok"]
    assert places(redis, ghost) == [f"queued {SHORT}"]


def test_a_job_that_a_worker_takes_meanwhile_runs_once(
    redis: Any, engine: Engine, console: Console, workers: Workers, wait_until: Any, quick_proof: None
) -> None:
    job_id = enqueue(redis, "tests.jobs.hang").id
    redis.lmove(keys.queue(SHORT), keys.intermediate(SHORT), "LEFT", "RIGHT")
    steps = mend.plan(engine.watch.look_twice(1.0).warnings).steps
    assert [step.remedy.action for step in steps] == ["requeue"]
    redis.lmove(keys.intermediate(SHORT), keys.queue(SHORT), "LEFT", "LEFT")
    workers.start(SHORT, DEFAULT)
    wait_until(lambda: status(redis, job_id) == "started")
    ((_step, outcome),) = mend.perform(
        redis, engine.reader, take(redis, engine.reader), console.scope, "tester@here", steps
    )
    assert (outcome.ok, outcome.state_before) == (False, "started")
    assert places(redis, job_id) == [f"started {SHORT}"]


def test_many_of_a_kind_go_together(
    redis: Any, console: Console, quick_proof: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ghosts = [scheduled_run(redis).id for _ in range(25)]
    redis.delete(keys.queue(SHORT))
    monkeypatch.setattr(jobs_limits, "BULK_JOBS", 10)
    asked: list[int] = []
    run = actions.run
    monkeypatch.setattr(actions, "run", lambda *args: asked.append(len(args[-1])) or run(*args))
    results = console.warnings.mend()["results"]
    assert {result["job_id"] for result in results if result["ok"]} == set(ghosts)
    assert sorted(asked) == [5, 10, 10]


def test_a_site_mends_its_own(redis: Any, engine: Engine, quick_proof: None) -> None:
    theirs, ours = scheduled_run(redis, site="b.localhost").id, scheduled_run(redis).id
    redis.delete(keys.queue(SHORT))
    console = engine.console(Viewer("sam@a.localhost", site="a.localhost", may_act=True))
    done = console.warnings.mend()
    assert [result["job_id"] for result in done["results"]] == [ours]
    assert theirs not in str(done)
    assert places(redis, theirs) == []


@pytest.fixture
def orphan(redis: Any) -> str:
    """A lock whose holder's worker is gone, and somebody in line for it."""
    name = "a.localhost|orphan"
    for lease in ("dead", "next"):
        info = json.dumps({"job_id": f"job-{lease}", "worker": "dead", "site": "a.localhost"})
        steps.acquire(redis, steps.Wanted(name, lease, 60, info=info), 30)
    let_end(redis, name, "dead", left=10)
    return name


def test_an_orphaned_lock_goes_to_the_next_in_line(
    orphan: str, redis: Any, console: Console, quick_proof: None
) -> None:
    rehearsed = console.warnings.mend(dry_run=True)
    assert [(step["action"], step["lock"], step["state_before"]) for step in rehearsed["results"]] == [
        ("release_lock", orphan, "held")
    ]
    assert list(held(redis, orphan)) == ["dead"]
    (done,) = console.warnings.mend()["results"]
    assert (done["ok"], done["lock"], done["state_after"]) == (True, orphan, "held")
    assert list(held(redis, orphan)) == ["next"]
    entry = console.actions.audit()["entries"][0]
    assert (entry["action"], entry["job_id"], entry["reason"]) == ("release_lock", "job-dead", "mend: lock_orphaned")


def test_a_lock_that_changed_hands_is_left_alone(
    orphan: str, redis: Any, engine: Engine, console: Console, quick_proof: None
) -> None:
    look = engine.watch.look_twice(0.0)
    plan = mend.plan(look.warnings)
    give_back(redis, orphan, "dead")
    ((_step, outcome),) = mend.perform(redis, engine.reader, look.bench, Scope(), "sam@here", plan.steps)
    assert not outcome.ok
    assert "given it back" in outcome.reason
    assert list(held(redis, orphan)) == ["next"]


def test_a_reader_may_rehearse_only(engine: Engine) -> None:
    reader = engine.console(Viewer("guest@here"))
    rehearsed = reader.warnings.mend(dry_run=True)
    assert (rehearsed["dry_run"], rehearsed["results"], rehearsed["left"]) == (True, [], [])
    with pytest.raises(Forbidden):
        reader.warnings.mend()
