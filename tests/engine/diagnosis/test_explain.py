"""Why, in words: real jobs, real workers and real faults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from rq import Queue
from rq.suspension import suspend

from job_console.engine.errors import NoSuchJob
from job_console.engine.history.failures_log import arguments
from job_console.engine.models.bench import FailedRun
from job_console.engine.redis import keys
from job_console.engine.redis import limits as redis_limits
from job_console.engine.service import Console, Engine, Viewer

from ...support.processes import Workers
from ..bench import DEFAULT, HELLO, LONG, SHORT, age, dump, enqueue, expire_lease, fill, status


def test_behind_a_busy_worker(redis: Any, console: Console, workers: Workers, wait_until: Any) -> None:
    busy = enqueue(redis, "tests.jobs.hang")
    worker = workers.start(SHORT, DEFAULT)
    wait_until(lambda: status(redis, busy.id) == "started")
    age(redis, busy.id, 120, "started_at")
    waiting = [enqueue(redis).id for _ in range(2)]
    said = console.jobs.explain(waiting[1])
    assert (said["job_id"], said["state"], said["position"]) == (waiting[1], "queued", 2)
    assert said["because"][0].startswith("It is 2nd in short")
    assert "The only worker of short is busy: with tests.jobs.hang for 2 min." in said["because"]
    assert said["expected_start_s"] is None, "no history of what runs: no telling"
    assert [detail["text"] for detail in said["details"]] == said["because"]
    assert said["details"][1]["evidence"]["busy"][0]["job_id"] == busy.id
    running = console.jobs.explain(busy.id)
    assert running["because"][0].startswith("It is running: for 2 min of the 5 min that it may. Worker ")
    assert worker.poll() is None


def test_nobody_and_suspended(redis: Any, console: Console, engine: Engine) -> None:
    waiting = enqueue(redis, queue=LONG).id
    assert console.jobs.explain(waiting)["because"][0] == "No worker serves long. The whole bench has none."
    suspend(redis)
    engine.watch.forget()
    said = console.jobs.explain(waiting)
    assert said["because"][0].startswith("All workers are suspended")
    assert [remedy["action"] for remedy in said["remedies"]] == ["resume"]


def test_ghosts_and_lost_jobs(
    redis: Any, console: Console, workers: Workers, wait_until: Any, quick_proof: None
) -> None:
    ghost, gone, limbo = enqueue(redis), enqueue(redis, "tests.jobs.hang", DEFAULT), enqueue(redis, queue=LONG)
    redis.lrem(keys.queue(SHORT), 0, ghost.id)
    age(redis, ghost.id, 3600, "enqueued_at")
    redis.lmove(keys.queue(LONG), keys.intermediate(LONG))
    worker = workers.start(DEFAULT)
    wait_until(lambda: status(redis, gone.id) == "started")
    workers.kill(worker)
    expire_lease(redis, gone.id, 100, DEFAULT)
    said = console.jobs.explain(ghost.id)
    assert "is a ghost" in said["because"][0]
    assert [remedy["action"] for remedy in said["remedies"]] == ["requeue", "free"]
    assert "lost its worker" in console.jobs.explain(gone.id)["because"][0]
    assert "was taken from long but never started" in console.jobs.explain(limbo.id)["because"][0]
    done = console.actions.run("requeue", [ghost.id])["results"]
    assert done[0]["ok"]
    again = console.jobs.explain(ghost.id)
    assert again["position"] == 1
    assert any(text.startswith("It was put back in its queue by tester@here") for text in again["because"])


def test_a_suspect_is_looked_at_again(redis: Any, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was between two of RQ's steps is not called a ghost."""
    between = enqueue(redis)
    redis.lrem(keys.queue(SHORT), 0, between.id)
    age(redis, between.id, 3600, "enqueued_at")

    def worker_starts_it(_pause: float) -> None:
        redis.rpush(keys.queue(SHORT), between.id)

    monkeypatch.setattr("job_console.engine.service.jobs.sleep", worker_starts_it)
    assert console.jobs.explain(between.id)["position"] == 1


def test_dependencies(
    redis: Any, queue: Queue, console: Console, workers: Workers, wait_until: Any, quick_proof: None
) -> None:
    first = enqueue(redis, "tests.jobs.fail", kwargs={"message": "no stock"})
    second = queue.enqueue(HELLO, depends_on=first)
    assert console.jobs.explain(second.id)["because"] == ["It waits for tests.jobs.fail, which waits itself, in short."]
    workers.start(SHORT)
    wait_until(lambda: status(redis, first.id) == "failed")
    said = console.jobs.explain(second.id)
    assert "waits for ever" in said["because"][0]
    assert said["because"][1].endswith("ValueError: no stock.")
    assert "requeue" in [remedy["action"] for remedy in said["remedies"]]


def test_failed_killed_stopped_canceled(redis: Any, console: Console, workers: Workers, wait_until: Any) -> None:
    failed = enqueue(redis, "tests.jobs.fail", kwargs={"message": "no stock"})
    killed, done = enqueue(redis, "tests.jobs.die"), enqueue(redis)
    hangs = enqueue(redis, "tests.jobs.hang")
    workers.start(SHORT)
    wait_until(lambda: status(redis, hangs.id) == "started")
    assert "ValueError: no stock." in console.jobs.explain(failed.id)["because"][0]
    assert "was killed (SIGKILL)" in console.jobs.explain(killed.id)["because"][0]
    assert console.jobs.explain(done.id)["because"][0].startswith("It finished")
    kept = console.jobs.explain(done.id)["because"][1]  # for ten minutes from when it ended
    assert kept.startswith(("Its result is kept for 9 min more", "Its result is kept for 10 min more"))
    console.actions.run("stop", [hangs.id], reason="too long")
    assert console.jobs.explain(hangs.id)["because"][0].startswith("It was stopped by tester@here")
    assert console.jobs.explain(hangs.id)["because"][0].endswith("too long.")
    new = console.actions.run("retry", [done.id], reason="once more")["results"][0]["new_job_id"]
    wait_until(lambda: status(redis, new) == "finished")
    assert f"It ran again as the new job {new}, by tester@here" in console.jobs.explain(done.id)["because"][1]


def test_the_last_thing_done_is_found_among_many(redis: Any, console: Console) -> None:
    ids = [enqueue(redis).id for _ in range(50)]
    console.actions.run("cancel", ids, reason="all of them")
    console.actions.run("retry", ids[:10], reason="some")
    console.actions.run("cancel", ids[:5], reason="fewer")
    for number, reason in ((0, "fewer"), (30, "all of them")):
        (said,) = console.jobs.explain(ids[number])["because"]
        assert said.startswith("It was canceled by tester@here")
        assert said.endswith(f"{reason}.")
    assert redis.zcard(keys.AUDIT_JOBS) == 50


def test_the_memory_of_what_was_done_is_bounded(redis: Any, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_limits, "AUDIT_ENTRIES", 20)
    ids = [enqueue(redis).id for _ in range(50)]
    console.actions.run("cancel", ids)
    assert redis.zcard(keys.AUDIT_JOBS) == 20
    assert "not from here" in console.jobs.explain(ids[0])["because"][0]
    assert "by tester@here" in console.jobs.explain(ids[-1])["because"][0]


def test_an_id_that_is_used_again_starts_a_new_story(redis: Any, console: Console) -> None:
    first = enqueue(redis, name="again")
    console.actions.run("cancel", [first.id], reason="the first one")
    assert "by tester@here" in console.jobs.explain(first.id)["because"][0]
    redis.delete(keys.job(first.id))
    second = enqueue(redis, name="again")
    second.cancel()
    assert "not from here" in console.jobs.explain(second.id)["because"][0]
    console.actions.run("delete", [second.id])
    assert not redis.exists(keys.AUDIT_JOBS)


def test_a_schedule_that_failed_and_looks_finished(
    redis: Any, console: Console, workers: Workers, wait_until: Any
) -> None:
    scheduled = "frappe.core.doctype.scheduled_job_type.scheduled_job_type.run_scheduled_job"
    pulled = enqueue(redis, scheduled, name="scheduled_job||x", kwargs={"job_type": "mail.pull"})
    workers.start(SHORT)
    wait_until(lambda: status(redis, pulled.id) == "finished")
    at = datetime.now(timezone.utc)
    packed = arguments(FailedRun("mail.pull", pulled.id, at, "ValueError", "no stock", SHORT, "a.localhost"))[0]
    redis.lpush(keys.failures(keys.failing("a.localhost", "mail.pull")), packed)
    assert console.jobs.explain(pulled.id)["because"][0].startswith(
        "Its work failed, though RQ calls it finished: ValueError"
    )


def test_nothing_of_another_site_is_said(redis: Any, engine: Engine, workers: Workers, wait_until: Any) -> None:
    theirs = enqueue(redis, "tests.jobs.hang", site="acme.com.au", name="SECRET")
    workers.start(SHORT)
    wait_until(lambda: status(redis, theirs.id) == "started")
    ours = enqueue(redis, site="acme.com")
    console = engine.console(Viewer("sam@acme.com", site="acme.com", may_act=True))
    said = console.jobs.explain(ours.id)
    assert any("a job of another site" in text for text in said["because"])
    for trace in ("acme.com.au", "SECRET", "tests.jobs.hang"):
        assert trace not in str(said)
    with pytest.raises(NoSuchJob):
        console.jobs.explain(theirs.id)


def test_what_it_costs_and_that_it_leaves_no_trace(
    redis: Any, engine: Engine, round_trips: Callable[[], Any], console: Console
) -> None:
    ids = fill(redis, 5_000)
    kept = dump(redis)
    engine.watch.look()
    with round_trips() as counted:
        assert console.jobs.explain(ids[4_000])["position"] == 4_001
    assert len(counted) <= 4
    assert dump(redis) == kept


def test_secrets_stay_secret_and_readers_get_no_remedies(
    redis: Any, engine: Engine, workers: Workers, wait_until: Any
) -> None:
    failed = enqueue(redis, "tests.jobs.fail", kwargs={"message": "login with password=hunter2 refused"})
    workers.start(SHORT)
    wait_until(lambda: status(redis, failed.id) == "failed")
    said = engine.console(Viewer("guest@here")).jobs.explain(failed.id)
    assert "hunter2" not in str(said)
    assert said["remedies"] == []


def test_a_job_due_long_ago(redis: Any, queue: Queue, console: Console, quick_proof: None) -> None:
    due = queue.enqueue_in(timedelta(hours=1), HELLO)
    said = console.jobs.explain(due.id)
    assert said["because"][0].startswith("It is due in 60 min")
    assert said["because"][1].startswith("Nothing will move it then")
    redis.zadd(keys.registry("scheduled", SHORT), {due.id: datetime.now(timezone.utc).timestamp() - 3600})
    overdue = console.jobs.explain(due.id)
    assert "was due 60 min ago" in overdue["because"][0]
    assert [remedy["action"] for remedy in overdue["remedies"]] == ["requeue"]
