"""What a job prints and logs, on real workers: all of it is heard, and is bounded, hidden and kept for a while."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from rq import Queue
from rq.job import Job

from job_console.engine.errors import NoSuchJob
from job_console.engine.models.policies import Policy
from job_console.engine.output import limits as output_limits
from job_console.engine.output import record, ring
from job_console.engine.output.ring import Content
from job_console.engine.policies import store
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer
from tests.support.waiting import wait_until

from . import work


@pytest.fixture
def run(redis: Any, workers: Any, reading: None) -> Callable[..., Job]:
    """run("say_much", 7, fork=False): a job of `work`, on a worker of its own."""

    def one(name: str, *arguments: Any, fork: bool = True, ended: bool = True, **options: Any) -> Job:
        path = f"{work.__name__}.{name}"
        job = Queue("default", connection=redis).enqueue(path, *arguments, job_timeout=600, **options)
        if not workers._started:
            workers.start("default", fork=fork)
        if ended:
            wait_until(lambda: job.get_status(refresh=True) in ("finished", "failed"), message=f"{name} has ended")
        return job

    return one


def content(begun: float, text: str) -> Content:
    data = b"\x1e1.000\t\tstdout\n" + text.encode()
    return Content(begun, len(data), data)


def said(log: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(entry["level"], entry["source"], entry["text"]) for entry in log["entries"]]


@pytest.mark.parametrize("fork", [True, False], ids=["forks", "no-fork"])
def test_all_that_a_job_says_is_heard_once(run: Any, console: Console, fork: bool) -> None:
    job = run("say_everything", fork=fork)
    assert job.get_status() == "finished"
    log = console.jobs.log(job.id)
    assert log["notes"] == []
    told = said(log)
    failed = told[-1]
    assert failed[:2] == ("error", "frappe.shop")
    assert failed[2].startswith("failed\nTraceback")
    assert failed[2].endswith("'no stock'")
    printed = [text for level, source, text in told if source == "stdout"]
    assert printed[:4] == ["first 1 goes on", "kept 'for somebody else\\n'", "of a thread", "of a child"]
    assert printed[4] == "red �bell \\u202eturned\nwhole\npassword=••••••"
    assert ("warning", "shop", "3 of 4") in told
    assert ("error", "shop", "%d") in told
    assert ("info", "frappe.shop", "of Frappe's") in told
    assert [source for _level, source, text in told if "old habit" in text and "UserWarning" in text] == ["stderr"]
    assert ("", "stderr", "to the other stream") in told
    assert not [text for _level, _source, text in told if "too fine" in text or "of the worker" in text]
    assert sum("3 of 4" in text for _level, _source, text in told) == 1


def test_the_last_kilobytes_are_kept(run: Any, console: Console, redis: Any) -> None:
    job = run("say_much", 5_000)
    log = console.jobs.log(job.id)
    texts = [text for _level, _source, text in said(log)]
    assert texts == [f"line {number}" for number in range(5_000 - len(texts), 5_000)]
    assert len(texts) > 200
    assert log["notes"] == [f"The first {-(-log['lost_bytes'] // 1024)} kB were cut."]
    assert log["bytes"] - log["lost_bytes"] == output_limits.KEPT_BYTES
    assert len(redis.hget(keys.log(job.id), "text")) == output_limits.KEPT_BYTES


def test_live_and_after_a_kill(run: Any, console: Console, workers: Any) -> None:
    job = run("say_and_sleep", ended=False)
    wait_until(lambda: said(console.jobs.log(job.id))[1:] == [("", "stdout", "half a line")], message="it is read live")
    assert console.jobs.log(job.id)["running"]
    assert console.jobs.log(job.id)["notes"] == []
    (worker,) = workers._started
    (horse,) = workers.horses(worker)
    os.kill(horse, signal.SIGKILL)
    wait_until(lambda: job.get_status(refresh=True) == "failed")
    log = console.jobs.log(job.id)
    assert [text for _level, _source, text in said(log)] == ["it begins", "half a line"]
    assert log["notes"] == [
        "Its process did not come to the end of the job: this is what it had printed up to its death."
    ]


def test_the_last_words_before_a_kill(run: Any, console: Console, workers: Any) -> None:
    """It prints a thousand times between two looks of the reader, and all that was printed is there in the end. Its
    worker is killed, too, so that nobody else knows that it has ended."""
    job = run("say_and_sleep", 0.001, ended=False)
    wait_until(lambda: len(said(console.jobs.log(job.id))) > 3, message="it is read live")
    (worker,) = workers._started
    (horse,) = workers.horses(worker)
    before = console.jobs.log(job.id)["bytes"]
    os.kill(worker.pid, signal.SIGKILL)
    os.kill(horse, signal.SIGKILL)
    wait_until(lambda: "up to its death" in " ".join(console.jobs.log(job.id)["notes"]), message="its reader tells")
    log = console.jobs.log(job.id)
    assert log["status"] == "started"
    assert log["bytes"] > before
    assert set(said(log)[1:]) == {("", "stdout", "it goes on")}


def test_of_one_that_dies_before_anybody_has_looked(run: Any, console: Console, redis: Any) -> None:
    jobs = [run("say_and_die") for _ in range(2)]  # the first one before its host has a reader
    for job in jobs:
        wait_until(lambda job=job: said(console.jobs.log(job.id)), message="its reader has found it")
        assert said(console.jobs.log(job.id)) == [("", "stdout", "last words")]
        assert "up to its death" in console.jobs.log(job.id)["notes"][0]
    files = [ring.path_of(int(pid)) for pid in redis.lrange("test:pids", 0, -1)]
    assert len(files) == 2
    wait_until(lambda: not [file for file in files if file.exists()], message="nothing is left")


def test_how_long_it_is_kept(run: Any, redis: Any) -> None:
    well, failed, silent = run("say_and_fail", "x", False), run("say_and_fail", "x", True), run("say_nothing")
    assert 0 < redis.ttl(keys.log(well.id)) <= output_limits.DONE_TTL_S
    assert redis.ttl(keys.log(failed.id)) > output_limits.TTL_S - 300
    assert not redis.exists(keys.log(silent.id))


def test_secrets_are_hidden_by_name_and_by_policy(redis: Any, engine: Engine, enqueue: Any) -> None:
    text = "token: abc123\nits bed=12 and https://me:sesame@shop.example"
    job = enqueue("say_hello", name="x", site="a.localhost")
    record.write(redis, job.id, content(1.0, text))
    viewer = Viewer("me@a", site="a.localhost", may_act=False)
    (entry,) = engine.console(viewer).jobs.log(job.id)["entries"]
    assert entry["text"] == "token: ••••••\nits bed=12 and https://me:••••••@shop.example"
    policy = Policy("P", "method", "tests.jobs.say_hello", sensitive=("bed",))
    store.publish(redis, "a.localhost", [policy], store.take_ticket(redis))
    engine.policies.forget("a.localhost")
    engine.watch.forget()
    (entry,) = engine.console(viewer).jobs.log(job.id)["entries"]
    assert "bed=•••••• and" in entry["text"]


def test_what_is_known_is_not_overwritten_by_what_is_older(redis: Any) -> None:
    def texts() -> list[str]:
        log = record.read(redis, "x")
        return [entry.text for entry in log.entries] if log else []

    record.write(redis, "x", content(10.0, "ab"))
    record.write(redis, "x", content(10.0, "a"))
    assert texts() == ["ab"]
    record.write(redis, "x", content(10.0, "abc"), record.ENDED, well=True)
    record.write(redis, "x", content(10.0, "abcd"))
    record.write(redis, "x", content(9.0, "of the run before"), record.ENDED)
    assert texts() == ["abc"]
    assert redis.ttl(keys.log("x")) <= output_limits.DONE_TTL_S
    record.write(redis, "x", content(11.0, "n"))
    assert texts() == ["n"]


def test_there_are_so_many_and_those_that_would_end_first_go_first(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_limits, "JOBS", 3)
    for number in range(4):
        record.write(redis, f"failed {number}", Content(1.0, 1, b"x"), record.ENDED)
        record.write(redis, f"well {number}", Content(1.0, 1, b"x"), record.ENDED, well=True)
    left = redis.keys(keys.LOG_PREFIX + "*")
    assert len(left) == 3
    assert {name.decode().removeprefix(keys.LOG_PREFIX)[:6] for name in left} == {"failed"}
    assert redis.zcard(keys.LOGS) == 3


def test_nobody_reads_what_another_sites_job_says(redis: Any, engine: Engine, enqueue: Any) -> None:
    job = enqueue("say_hello", name="x", site="a.localhost")
    record.write(redis, job.id, content(1.0, "x\n"))
    mine = engine.console(Viewer("me@a", site="a.localhost", may_act=False)).jobs.log(job.id)
    assert [entry["text"] for entry in mine["entries"]] == ["x"]
    with pytest.raises(NoSuchJob):
        engine.console(Viewer("me@b", site="b.localhost", may_act=True)).jobs.log(job.id)


def test_a_run_that_has_said_nothing_yet_shows_the_one_before_as_that(
    redis: Any, console: Console, enqueue: Any, round_trips: Any
) -> None:
    job = enqueue("say_hello", name="x")
    record.write(redis, job.id, content(1_000.0, "of before"), record.ENDED)
    redis.hset(job.key, mapping={"status": "started", "started_at": "2026-11-30T21:00:00.000000Z"})
    console.snapshot()
    with round_trips() as counted:
        log = console.jobs.log(job.id)
    assert len(counted) == 2
    assert [entry["text"] for entry in log["entries"]] == ["of before"]
    (note,) = log["notes"]
    assert note.startswith("This is of an earlier run, which began at")
    redis.delete(keys.log(job.id))
    assert console.jobs.log(job.id)["notes"] == ["It has printed and logged nothing up to now."]


def test_what_somebody_else_wrote_there_breaks_nothing(redis: Any, console: Console, enqueue: Any) -> None:
    job = enqueue("say_hello", name="x")
    assert console.jobs.log(job.id)["notes"] == ["It has not begun."]
    for text in (b"", b"\x1e\x1e\n\x1enan\t\t\n\xff\x1e1e999\tx\ty\nz", b"\xff" * 70_000):
        redis.delete(keys.log(job.id))
        redis.hset(keys.log(job.id), mapping={"begun": "no time", "written": "-7", "whole": "?", "text": text})
        assert console.jobs.log(job.id)["bytes"] == 0
