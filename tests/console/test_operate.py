"""The bench operated from the command line and over HTTP."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import click
import pytest
from click.testing import CliRunner
from rq.version import VERSION

from job_console.console.cli import cli
from job_console.console.embedded import Embedded
from job_console.console.when import moment_of, seconds_until
from job_console.engine.redis import keys

from ..engine.bench import SHORT, enqueue
from ..support.waiting import wait_until

WHY = ("--reason", "the bank is down")


@pytest.fixture
def run(server: Embedded, redis: Any) -> Callable[..., Any]:
    redis.sadd(keys.QUEUES, keys.queue(SHORT), keys.queue("bench:long"))
    return lambda *words: CliRunner().invoke(cli, ["--redis", server.url, *words])


@pytest.fixture
def worker(workers: Any, redis: Any) -> Any:
    started = workers.start(SHORT, extra=("--obey",), name="w1")
    wait_until(lambda: redis.zscore(keys.OBEDIENT, "w1"))
    return started


def document(result: Any) -> dict[str, Any]:
    assert result.stdout, result.stderr
    return json.loads(result.stdout)


def test_a_queue_is_paused_and_resumed(run: Callable[..., Any], worker: Any) -> None:
    done = run("pause-queue", "short", "--for", "2h", *WHY, "--json")
    assert done.exit_code == 0
    assert document(done)["results"][0]["state_after"] == "paused"
    lanes = run("lanes")
    assert "paused" in lanes.stdout
    assert ": the bank is down." in lanes.stdout
    (lane,) = [each for each in document(run("lanes", "--json"))["queues"] if each["name"] == SHORT]
    assert lane["paused"]["reason"] == "the bank is down"
    assert "Paused: short" in run("snapshot", "--quick").stdout
    assert run("resume-queue", "short").exit_code == 0
    assert run("resume-queue", "short").exit_code == 3
    assert "done  short" in run("pause-queue", "short", "--for", "2h", *WHY).stdout


@pytest.mark.parametrize(
    "words",
    [
        ("pause-queue", "short", *WHY),
        ("pause-queue", "short", "--for", "2h"),
        ("pause-queue", "short", "--for", "2h", "--until", "18:00", *WHY),
        ("pause-queue", "short", "--for", "soon", *WHY),
        ("pause-queue", "short", "--until", "25:00", *WHY),
        ("pause-queue", "nowhere", "--for", "2h", *WHY),
        ("suspend", "--for", "8d", *WHY),
        ("quiet", "nobody", "--for", "2h", *WHY),
        ("pause-method", "shop.sync", "--for", "2h", *WHY),
        ("move-waiting", "short", *WHY),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(run: Callable[..., Any], words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


def test_workers(run: Callable[..., Any], worker: Any) -> None:
    assert run("quiet", "w1", "--until", "23:59", *WHY).exit_code in (0, 2)  # 2: in the last seconds of a day
    done = run("quiet", "w1", "--for", "2h", *WHY)
    assert done.exit_code == 0
    shown = run("workers").stdout
    assert "idle, quiet" in shown
    assert "w1 is quiet by " in shown
    assert f"  {VERSION}  {platform.python_version()}" in shown
    assert run("unquiet", "w1").exit_code == 0
    assert document(run("workers", "--json"))["workers"][0]["obeys"] is True
    stopped = document(run("stop-worker", "w1", *WHY, "--json"))
    assert stopped["results"][0]["state_after"] == "gone"
    worker.wait(30)


def test_a_drain(run: Callable[..., Any], worker: Any, redis: Any) -> None:
    look = run("drain", "--look", "--json")
    assert (look.exit_code, document(look)["draining"]) == (3, False)
    enqueue(redis, "tests.jobs.slow_until", name="one", kwargs={"key": "test:go"})
    wait_until(lambda: redis.hget("rq:worker:w1", "current_job"))
    began = run("drain", "--for", "20min", "--reason", "the 14.2 deploy")
    assert began.exit_code == 3
    assert "Not safe yet: 1 job still runs." in began.stdout
    assert "a.localhost||one" in began.stdout
    assert 1_100 < redis.ttl(keys.SUSPENDED) <= 1_200
    redis.set("test:go", 1)
    safe = run("drain", "--wait", "2min", "--for", "1h")
    assert safe.exit_code == 0, safe.stdout
    assert "safe  It is safe" in safe.stdout
    assert "the 14.2 deploy" in safe.stdout
    assert redis.ttl(keys.SUSPENDED) <= 1_200, "it stays as it was begun"
    assert run("resume").exit_code == 0


def test_a_warning_names_the_commands_that_help(run: Callable[..., Any], redis: Any) -> None:
    for _ in range(2):
        enqueue(redis)
    redis.hset(next(redis.scan_iter("rq:job:*")), "enqueued_at", "2026-01-01T00:00:00.000000Z")
    found = run("warnings").stdout
    assert f"job-console move-waiting '{SHORT}' --to … --reason …" in found
    moved = run("move-waiting", "short", "--to", "long", *WHY)
    assert moved.exit_code == 0
    assert redis.llen(keys.queue("bench:long")) == 2


def test_over_http(site: Any, redis: Any) -> None:
    redis.sadd(keys.QUEUES, keys.queue(SHORT))
    call = {"action": "pause_queue", "target": SHORT, "seconds": 600, "reason": "why"}
    said = site.ask("POST", "/api/operate", call)
    assert (said.status, said.json["results"][0]["ok"]) == (200, True)
    assert site.get("/api/snapshot").json["queues"][0]["paused"]["by"] == "tester@here"
    for wrong in ({**call, "seconds": "600"}, {**call, "seconds": True}, {**call, "target": 1}, {**call, "more": 1}):
        assert site.ask("POST", "/api/operate", wrong).status == 400
    assert site.get("/api/operate").status == 405
    assert site.get("/api/drain").json["draining"] is False
    assert site.get("/api/about_warning?code=paused").json["true"]
    assert site.get("/api/about_warning?code=nothing").status == 400
    assert site.get("/api/about_warning").status == 400


@pytest.mark.parametrize(
    ("said", "hours"),
    [("18:00", 1.25), ("16:45", 24), ("9:00", 16.25), ("2026-11-24 16:45", 24), ("2026-11-23T17:45Z", 1)],
)
def test_until_is_by_the_readers_clock(said: str, hours: float) -> None:
    now = datetime(2026, 11, 23, 16, 45, tzinfo=timezone.utc)
    assert seconds_until(said.replace("16:45", "16:45+00:00") if " " in said else said, now) == hours * 3_600


def test_what_is_no_time_is_said() -> None:
    with pytest.raises(click.BadParameter, match="write 18:00"):
        seconds_until("tea", datetime.now(timezone.utc))


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("14:00", 2.75),
        ("18:00", 22.75),
        ("yesterday 14:00", 26.75),
        ("today 9:00:00", 7.75),
        ("2026-11-22 16:45+00:00", 24),
        ("2026-11-23T15:45Z", 1),
        ("30min", 0.5),
        ("2h ago", 2),
    ],
)
def test_a_moment_of_the_past_is_by_the_readers_clock(said: str, hours: float) -> None:
    now = datetime(2026, 11, 23, 16, 45, tzinfo=timezone.utc)
    assert (now - moment_of(said, now)).total_seconds() == hours * 3_600


@pytest.mark.parametrize("said", ["tea", "25:00", "yesterday", "-3h"])
def test_what_is_no_moment_is_refused(said: str) -> None:
    with pytest.raises(click.BadParameter, match="is no moment"):
        moment_of(said, datetime.now(timezone.utc))
