"""What viewers are told of schedules: their own, with all that is known; of others only what takes their time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from redis import Redis

from job_console.engine.errors import BadRequest
from job_console.engine.history.statistics import EndedRun, record
from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.redis import keys
from job_console.engine.schedule import history
from job_console.engine.schedule.history import Ran
from job_console.engine.service import Engine, Viewer

UTC = timezone.utc


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def entry(record: str, cron: str = "0 0 * * *", **more: Any) -> ScheduleEntry:
    usual = {
        "method": f"shop.{record}",
        "queue": "bench:long",
        "job_id": f"id-{record}",
        "last_at": now() - timedelta(1),
    }
    return ScheduleEntry(record=record, cron=cron, **{**usual, "due_at": now() + timedelta(minutes=5), **more})


@pytest.fixture
def engine(redis: Redis) -> Engine:
    return Engine(redis)


@pytest.fixture
def reported(engine: Engine) -> Callable[..., None]:
    def publish(*entries: ScheduleEntry, site: str = "a.localhost", **more: Any) -> None:
        engine.watch.schedules.publish(Schedule(site, more.pop("running", True), entries=entries, **more))
        engine.watch.forget()

    return publish


def of(engine: Engine, site: str | None = "a.localhost") -> Any:
    return engine.console(Viewer("me", site=site, may_act=True))


def test_an_entry_with_all_that_is_known_of_it(redis: Redis, engine: Engine, reported: Callable[..., None]) -> None:
    reported(entry("pull", "*/2 * * * *", declared="0 * * * *"))
    runs = [Ran(now() - timedelta(minutes=9 - n), 2.0, "failed" if n == 2 else "finished") for n in range(4)]
    history.record(redis, "a.localhost", [("id-pull", run) for run in runs])
    record(redis, EndedRun("shop.pull", "bench:long", "finished", now(), run_s=2.0))

    (known,) = of(engine).schedules.all()["schedules"]
    (found,) = known["entries"]
    assert (known["site"], known["running"], known["age_s"] < 10) == ("a.localhost", True, True)
    assert (found["words"], found["lane"], found["declared_words"]) == ("every 2 minutes", "long", "every hour")
    assert found["pace"] == {"due_a_day": 720, "runs_a_day": 360, "tick_s": 240.0}
    assert [run["outcome"] for run in found["runs"]] == ["finished", "finished", "failed", "finished"]
    assert (found["succeeded"], found["success_rate"]) == (3, 0.75)
    assert 1.9 < found["usual_s"] < 2.6
    due, starts = (
        datetime.fromisoformat(found["next"][0][name].replace("Z", "+00:00")) for name in ("due_at", "starts_at")
    )
    assert starts.timestamp() % 240 == 0
    assert timedelta(0) <= starts - due < timedelta(seconds=240)
    assert len(found["next"]) == 3


@pytest.mark.parametrize("off", [{"running": False, "off": "paused", "reason": "it is paused"}, {"stopped": True}])
def test_what_will_not_run_has_no_next_run(engine: Engine, reported: Callable[..., None], off: dict[str, Any]) -> None:
    reported(entry("pull", stopped=off.pop("stopped", False)), **off)
    assert of(engine).schedules.all()["schedules"][0]["entries"][0]["next"] == []


def test_a_site_sees_its_own_schedule_and_the_operator_those_of_all(
    engine: Engine, reported: Callable[..., None]
) -> None:
    reported(entry("pull"))
    reported(entry("secret"), site="b.localhost")
    assert [each["site"] for each in of(engine).schedules.all()["schedules"]] == ["a.localhost"]
    assert [each["site"] for each in of(engine).schedules.all(site="b.localhost")["schedules"]] == ["a.localhost"]
    assert [each["site"] for each in of(engine, None).schedules.all()["schedules"]] == ["a.localhost", "b.localhost"]
    assert [each["site"] for each in of(engine, None).schedules.all(site="b.localhost")["schedules"]] == ["b.localhost"]


def test_the_day_counts_other_sites_and_never_names_them(engine: Engine, reported: Callable[..., None]) -> None:
    reported(entry("pull"))
    reported(entry("secret"), site="b.localhost")
    day = of(engine).schedules.day()
    assert [each and each["record"] for each in day["entries"]] == ["pull", None]
    assert day["lanes"][0]["unserved"] == 2, "nobody works here"
    assert day["unknown"] == 2
    for answer in (day, of(engine).schedules.quieter()):
        assert "secret" not in json.dumps(answer)
        assert "b.localhost" not in json.dumps(answer)


def test_short_runs_are_one_block_that_says_how_full_it_is_and_long_gaps_are_holes(
    redis: Redis, engine: Engine, reported: Callable[..., None], workers: Any
) -> None:
    workers.start("bench:long")
    often, due_at = entry("often", "*/4 * * * *"), now().replace(minute=7, second=0)
    while due_at.hour % 3 or due_at <= now():
        due_at += timedelta(hours=1)
    rare = entry("rare", "7 */3 * * *", due_at=due_at)
    reported(often, zone="UTC")
    record(redis, EndedRun(often.method, "bench:long", "finished", now(), run_s=2.0))
    engine.watch.forget()
    day = of(engine).schedules.day()
    (block,) = day["lanes"][0]["workers"][0]["blocks"]
    assert 350 <= block["runs"] <= 361
    assert block["busy_s"] == pytest.approx(day["entries"][0]["usual_s"] * block["runs"], rel=0.01)
    reported(rare, zone="UTC")
    engine.watch.forget()
    blocks = of(engine).schedules.day()["lanes"][0]["workers"][0]["blocks"]
    assert len(blocks) in (7, 8, 9)
    assert {block["runs"] for block in blocks} == {1}


def test_a_rush_is_reported_in_words_and_quieter_minutes_with_their_difference(
    redis: Redis, engine: Engine, reported: Callable[..., None], workers: Any
) -> None:
    workers.start("bench:long")
    at = (now() + timedelta(hours=3)).replace(minute=0, second=0)
    entries = [entry(f"e{n}", f"0 {at.hour} * * *", due_at=at) for n in range(5)]
    reported(*entries, zone="UTC")
    for each in entries:
        record(redis, EndedRun(each.method, "bench:long", "finished", now(), run_s=300.0))
    engine.watch.forget()
    day = of(engine).schedules.day()
    (rush,) = day["rushes"]
    assert rush["text"].startswith(f"{at:%H}:00 UTC: 5 jobs need ")
    assert " worker-minutes on 1 worker; the last starts at " in rush["text"]
    assert (rush["jobs"], rush["elsewhere"], len(rush["entries"])) == (5, 0, 5)
    assert sum(block["runs"] for block in day["lanes"][0]["workers"][0]["blocks"]) == 5

    quieter = of(engine).schedules.quieter()
    assert len(quieter["moves"]) == 4
    assert all(move["before"] == f"0 {at.hour} * * *" for move in quieter["moves"])
    assert quieter["after"]["waiting_s"] < quieter["before"]["waiting_s"] / 2
    assert quieter["text"].startswith("Together they would wait ")


def test_the_operator_moves_nothing(engine: Engine, reported: Callable[..., None]) -> None:
    reported(entry("pull"))
    with pytest.raises(BadRequest):
        of(engine, None).schedules.quieter()


def test_a_preview_says_what_it_is_or_what_is_wrong(engine: Engine, reported: Callable[..., None]) -> None:
    reported(zone="Europe/Berlin", tick_s=60.0)
    good = of(engine).schedules.preview("30 2 * * 1-5")
    assert (good["words"], good["mistake"], good["zone"], len(good["next"])) == (
        "at 02:30, Monday to Friday",
        None,
        "Europe/Berlin",
        10,
    )
    assert all(run["shown"].endswith("02:30") for run in good["next"])
    bad = of(engine).schedules.preview("30 24 * * *")
    assert (bad["words"], bad["next"], bad["mistake"]["start"], bad["mistake"]["end"]) == (None, [], 3, 5)
    assert of(engine).schedules.preview("* * * * *")["pace"] is None, "a tick of a minute"


def test_what_its_runs_do_is_as_it_is_now_not_as_its_site_told_last(
    redis: Redis, engine: Engine, reported: Callable[..., None]
) -> None:
    def status() -> list[str | None]:
        (known,) = of(engine).schedules.all()["schedules"]
        return [each["job_status"] for each in known["entries"]]

    redis.hset(keys.job("id-ran"), "status", "started")
    reported(entry("pull"), entry("ran"), entry("odd"))
    redis.set(keys.job("id-odd"), "no record")
    assert status() == [None, "started", None]
    redis.hset(keys.job("id-pull"), "status", "queued")
    redis.hset(keys.job("id-ran"), "status", "finished")
    assert status() == ["queued", "finished", None]
    redis.hset(keys.job("id-ran||2"), "status", "started")
    assert status()[1] == "started", "another run, beside it"
