"""A moment of the past as its viewers see it: as a look of then, with nothing of what only others may see."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from rq.job import Job

from job_console.engine.errors import BadRequest
from job_console.engine.jobs.redact import Redaction
from job_console.engine.messages import Message, _
from job_console.engine.models.bench import RedisHealth
from job_console.engine.models.warnings import Remedy, Warning
from job_console.engine.past import picture
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer
from job_console.engine.watch import past_duty
from job_console.engine.watch.watch import Look

from ...support.processes import Workers
from ..bench import LONG, SHORT
from ..bench import enqueue as put

#: No literals of `_`: they are nobody's to translate.
WAITED, LOST = "{job} of {method} has waited for {what}.", "Lost: {what}"
SECRET = "their-very-own-secret"


def kept(engine: Engine, seconds_ago: float = 0.0, *warnings: Warning) -> datetime:
    """What is seen now, kept as of then."""
    look = engine.watch.look()
    then = replace(look.bench, at=look.bench.at - timedelta(seconds=seconds_ago))
    past_duty.keep_picture(engine, Look(then, (*look.warnings, *warnings)))
    return then.at


def told(console: Console, at: datetime) -> Any:
    return console.past.moment(at.isoformat())


@pytest.fixture
def busy(redis: Any, workers: Workers, wait_until: Any) -> Job:
    """A bench with everything on it: what runs, waits, failed, and a worker."""
    failing = put(redis, "tests.jobs.fail", queue=LONG, kwargs={"message": "password=hunter2"})
    worker = workers.start(SHORT, LONG)
    wait_until(lambda: failing.get_status() == "failed")
    running = put(redis, "tests.jobs.hang", name="running")
    wait_until(lambda: running.get_status() == "started")
    for number in range(5):
        put(redis, queue=LONG, name=f"waits{number}", kwargs={"password": "hunter2"})
    assert worker.poll() is None
    measured = {"worker": 52_000_000, "horse": 61_000_000, "round_trip": 0.002}
    redis.set(keys.measured(worker.worker_name), json.dumps(measured))
    return running


@pytest.mark.parametrize("site", [None, "a.localhost", "b.localhost"])
def test_then_is_what_now_was(engine: Engine, busy: Job, site: str | None) -> None:
    now = engine.console(Viewer("tester", site=site)).snapshot()
    at = kept(engine)
    then = told(engine.console(Viewer("tester", site=site, may_act=True)), at)["snapshot"]
    for of in (now, then):
        of["redis"].pop("used_bytes")  # to three figures
        for lane in of["queues"]:
            del lane["drain_s"], lane["oldest_wait_s"]  # a forecast; to a tenth of a second
            del lane["head"][3:], lane["head_elsewhere"]
            for job in (*lane["running"], *lane["head"], *lane["failures"]):
                for name in ("arguments", "elapsed_s", "usual_s", "enqueued_at", "started_at", "ended_at", "tries"):
                    job.pop(name)
        for worker in of["workers"]:
            for name in ("heartbeat_age_s", "born_at"):
                worker.pop(name)
        for name in ("at", "surveyed", "duties", "health"):
            of.pop(name)
    assert then == now
    assert [worker["rss_bytes"] for worker in then["workers"]] == [52_000_000]
    assert then["read_only"] is True
    running = [job["id"] for lane in then["queues"] for job in lane["running"]]
    assert running == ([] if site == "b.localhost" else [busy.id])


def test_a_site_sees_of_the_past_what_it_sees_of_now(
    redis: Any, engine: Engine, workers: Workers, wait_until: Any
) -> None:
    theirs = [
        put(redis, "tests.jobs.hang", name="running", site="acme.com.au"),
        put(redis, "tests.jobs.say_hello", name="waiting", site="acme.com.au"),
    ]
    workers.start(SHORT)
    wait_until(lambda: theirs[0].get_status() == "started")
    text = _(WAITED)
    words = {"job": theirs[1].id, "method": "shop.secret_method", "what": "long"}
    warning = Warning(
        "starved",
        "warning",
        text.format(**words),
        SHORT,
        evidence=dict(words),
        private={
            theirs[1].id: "acme.com.au",
            "shop.secret_method": "acme.com.au",
        },
    )
    about = Warning("overrunning", "critical", "It overruns.", SHORT, theirs[0].id, site="acme.com.au")
    at = kept(engine, 0.0, warning, about)
    site = told(engine.console(Viewer("sam@acme.com", site="acme.com", may_act=True)), at)
    (lane,) = site["snapshot"]["queues"]
    assert (lane["counts"]["started"], lane["running_elsewhere"], lane["head_elsewhere"]) == (1, 1, 1)
    assert "starved" in {each["code"] for each in site["snapshot"]["warnings"]}
    for trace in ("acme.com.au", "secret_method", "tests.jobs", theirs[0].id):
        assert trace not in json.dumps(site)
    whole = json.dumps(told(engine.console(Viewer("root")), at))
    assert all(trace in whole for trace in ("acme.com.au", "secret_method", theirs[0].id, "It overruns."))


def test_a_job_is_lost_for_a_loss_alone(engine: Engine, redis: Any, busy: Job) -> None:
    worker = redis.hget(busy.key, "worker_name").decode()
    near = Warning("timeout_near", "info", "Its timeout is near.", SHORT, busy.id, worker)
    lost = replace(near, code="worker_lost", message="Nothing runs it.")
    for warning, losses in ((near, {}), (lost, {busy.id: lost})):
        look = engine.watch.look()
        text = picture.written(replace(look.bench, lost=losses), [warning], Redaction())
        then = picture.read(text)
        assert then is not None
        assert [each.code for each in then.bench.lost.values()] == [each.code for each in losses.values()]


def test_nothing_that_is_secret_is_written_and_nothing_can_be_done(engine: Engine, redis: Any, busy: Job) -> None:
    remedy = Remedy("fail", "Mark as failed", "It is lost.")
    warning = Warning(
        "worker_lost",
        "critical",
        _(LOST).format(what="api_key=hunter2"),
        SHORT,
        busy.id,
        evidence={"token": "hunter2"},
        remedies=(remedy,),
    )
    look = engine.watch.look()
    text = picture.written(look.bench, [warning], Redaction())
    assert b"hunter2" not in text
    at = kept(engine, 0.0, warning)
    snapshot = told(engine.console(Viewer("root", may_act=True)), at)["snapshot"]
    rows = [job for lane in snapshot["queues"] for job in (*lane["running"], *lane["head"], *lane["failures"])]
    assert rows
    assert all(job["actions"] == job["remedies"] == [] for job in rows)
    assert all(each["remedies"] == [] for each in snapshot["warnings"])
    assert (snapshot["read_only"], snapshot["may_operate"]) == (True, False)
    assert isinstance(snapshot["warnings"][-1]["message"], Message), "its reader has it in their language"


def test_what_came_before_is_told_by_the_round_trips_of_two_reads(engine: Engine, busy: Job, round_trips: Any) -> None:
    at, console = kept(engine, 600), engine.console(Viewer("root"))
    gap = told(console, at + timedelta(seconds=300))
    assert (gap["snapshot"], gap["after"]) == (None, None)
    assert datetime.fromisoformat(gap["before"].replace("Z", "+00:00")) <= at
    assert len(gap["covered"]) == 1
    with round_trips() as counted:
        told(console, at)
    assert len(counted) == 2  # the pictures, the marks
    with pytest.raises(BadRequest, match="a week"):
        told(console, at - timedelta(days=8))
    with pytest.raises(BadRequest, match="no time"):
        console.past.moment("yesterday")


def test_a_picture_of_another_version_is_a_gap(engine: Engine, redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "VERSION", 99)
    at = kept(engine)
    monkeypatch.undo()
    assert told(engine.console(Viewer("root")), at)["snapshot"] is None
    for text in (b"", b"[]", b"{}\n[]", b'{"v": 1}\n[{}, []]', b"\xff"):
        assert picture.read(text) is None


def test_jobs_have_the_last_of_the_room(engine: Engine, redis: Any) -> None:
    look = engine.watch.look()
    full = replace(look.bench, redis=RedisHealth(used_bytes=81, max_bytes=100))
    past_duty.keep_picture(engine, Look(full, ()))
    assert redis.keys("*pictures*") == []


def test_sweeps_keep_them(engine: Engine, redis: Any) -> None:
    swept = engine.sweep()
    assert swept is not None
    assert {"pictures", "packed"} <= set(swept.done)
    assert told(engine.console(Viewer("root")), swept.at)["snapshot"] is not None


@pytest.mark.parametrize(("at", "is_refused"), [("0001-01-01T00:00:00Z", True), ("9999-12-31T23:59:59.999999Z", False)])
def test_times_that_nobody_means_are_no_trouble(engine: Engine, redis: Any, at: str, is_refused: bool) -> None:
    console = engine.console(Viewer("root"))
    if is_refused:
        with pytest.raises(BadRequest, match="a week"):
            console.past.moment(at)
    else:
        assert console.past.moment(at)["snapshot"] is None
