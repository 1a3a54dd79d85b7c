"""Marks: what was changed and when, found by comparing looks at a real server, told with charts and incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import redis as redis_py

from job_console.engine.history import limits, mark_words, marks
from job_console.engine.history.marks import Mark
from job_console.engine.models.bench import Bench, Counts, Lane, RedisHealth
from job_console.engine.models.holds import Hold
from job_console.engine.models.schedule import Schedule
from job_console.engine.models.workers import Worker
from job_console.engine.redis import keys
from job_console.engine.redis.link import pipelined
from job_console.engine.service import Engine, Viewer
from job_console.engine.watch import marks_duty
from job_console.engine.watch.watch import Look
from tests.engine.bench import SHORT

NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)
SITE, OTHER, PREFIX = "a.localhost", "b.localhost", "bench:"
T = NOW.timestamp()


def bench(seconds: float = 0.0, workers: tuple[str, ...] = ("w1", "w2"), run_id: str = "r1", **more: Any) -> Bench:
    at = NOW + timedelta(seconds=seconds)
    lanes = (Lane(SHORT, Counts(), paused=more.pop("paused", None)),)
    crew = tuple(Worker(name, "idle", (SHORT,), born_at=at - timedelta(seconds=7)) for name in workers)
    health = RedisHealth(run_id=run_id, uptime_s=more.pop("uptime_s", 3600.0))
    off: Mapping[str, str | None] = more.pop("off", {SITE: None, OTHER: None})
    schedules = {site: Schedule(site, word is None, off=word) for site, word in off.items()}
    return Bench(at, lanes, crew, redis=health, schedules=schedules, **more)


def swept(redis: redis_py.Redis, *looks: Bench) -> Engine:
    engine = Engine(redis, queue_prefix=PREFIX)
    for look in looks:
        marks_duty.mark(engine, Look(look, ()))
    return engine


def found(redis: redis_py.Redis, *sites: str) -> list[Mark]:
    return marks.read(redis, PREFIX, sites, 0, T + 10 * 86_400)


def kinds(redis: redis_py.Redis, *sites: str) -> list[str]:
    return [mark.kind for mark in found(redis, *sites)]


def put(redis: redis_py.Redis, *several: Mark) -> None:
    pipeline = pipelined(redis)
    marks.write(pipeline, PREFIX, several, T)
    pipeline.execute()


def test_what_changes_on_a_bench_is_marked_once(redis: redis_py.Redis) -> None:
    hold = Hold("queue", SHORT, "ann", "deploy", NOW, NOW + timedelta(hours=1))
    seen = (
        bench(),
        bench(5),
        bench(70, workers=("w2", "w3", "w4")),
        bench(140, workers=("w2",), run_id="r2", uptime_s=9),
    )
    last = replace(seen[3], at=NOW + timedelta(seconds=145), suspended=True)
    swept(redis, *(look for look in seen for _twice in range(2)), last, last, bench(200, ("w2",), "r2", paused=hold))
    assert [(mark.kind, mark.count, mark.names, mark.at - T) for mark in found(redis)] == [
        ("redis", 0, (), -3600),
        ("workers_started", 2, ("short",), 63),
        ("workers_stopped", 1, ("short",), 70),
        ("redis", 0, (), 131),
        ("workers_stopped", 2, ("short",), 140),
        ("suspended", 0, (), 145),
        ("queues_paused", 0, ("short",), 200),
        ("resumed", 0, (), 200),
    ]


def test_workers_that_come_and_go_within_a_minute_are_one_mark(redis: redis_py.Redis) -> None:
    crews = [("w1",), *(tuple(f"w{number}" for number in range(count)) for count in range(2, 12))]
    swept(redis, *(bench(5 * number, crew) for number, crew in enumerate(crews)), bench(61, crews[-1]))
    (mark,) = [each for each in found(redis) if each.kind == "workers_started"]
    assert mark.count == 10


def test_maintenance_and_the_scheduler_are_marks_of_their_site_alone(redis: redis_py.Redis) -> None:
    words: list[str | None] = [None, "maintenance", None, "paused", None]
    swept(redis, *(bench(5 * number, off={SITE: word, OTHER: None}) for number, word in enumerate(words)))
    assert kinds(redis, SITE) == ["redis", "maintenance_on", "maintenance_off", "scheduler_off", "scheduler_on"]
    assert kinds(redis, OTHER) == ["redis"]


def test_a_sites_apps_configuration_and_policies(redis: redis_py.Redis) -> None:
    engine = Engine(redis, queue_prefix=PREFIX)
    before: dict[str, dict[str, str]] = {
        "apps": {"shop": "1.4.1", "old": "1"},
        "configuration": {"max_queued_jobs": "500", "workers": "#ab"},
        "policies": {"shop.sync": "monday"},
    }
    after = {
        "apps": {"shop": "1.4.2"},
        "configuration": {"max_queued_jobs": "900", "workers": "#cd"},
        "policies": {f"p{number}": "now" for number in range(9)},
    }
    for at, facts, migrated in ((0, before, False), (60, before, False), (120, after, True), (180, after, False)):
        marks_duty.mark_site(engine, SITE, facts, T + at, migrated)
    assert {mark.at for mark in found(redis, SITE)} == {T + 120}
    assert {mark_words.sentence(mark) for mark in found(redis, SITE)} == {
        "the configuration was changed: max_queued_jobs 500 → 900, workers",
        "Job Policies were changed: p0, p1, p2, p3, p4, p5, 4 more",
        "shop 1.4.2 installed, old removed",
        "the site was migrated",
    }
    assert found(redis, OTHER) == []


def test_where_nobody_looked_it_says_since_when(redis: redis_py.Redis) -> None:
    swept(redis, bench(), bench(4000, workers=("w1",)))
    (mark,) = [each for each in found(redis) if each.kind == "workers_stopped"]
    assert (mark.at - T, mark.since) == (4000, T)


def test_a_redis_that_came_back_empty_is_marked_and_nothing_else_is_made_up(redis: redis_py.Redis) -> None:
    swept(redis, bench(), bench(70, workers=("w1",)))
    redis.flushdb()
    swept(redis, bench(140, run_id="r2", uptime_s=20.0))
    assert [(mark.kind, mark.at - T) for mark in found(redis, SITE)] == [("redis", 120)]


def test_what_is_kept_is_bounded_and_ends(redis: redis_py.Redis) -> None:
    many = [Mark(T + 60 * number, "workers_started", count=1) for number in range(limits.MARKS_OF_WORKERS + 50)]
    put(redis, Mark(T - 500 * 86_400, "suspended"), Mark(T, "redis"), *many)
    assert redis.zcard(keys.marks_of_workers(PREFIX)) == limits.MARKS_OF_WORKERS
    assert kinds(redis)[0] == "redis", "the workers took no place of what is rare, and what is too old is gone"
    assert "suspended" not in kinds(redis)
    assert all(redis.ttl(key) > 0 for key in redis.keys(keys.OURS + "marks*"))


def test_what_was_never_ours_is_passed_over(redis: redis_py.Redis) -> None:
    redis.zadd(keys.marks(PREFIX), {"{": T, '[1,"unknown",[],0,null]': T, "[]": T})
    redis.hset(keys.marks_seen(PREFIX), "", '{"at": "x"}')
    swept(redis, bench())
    assert kinds(redis) == ["redis"]


def test_a_deploy_explains_more_than_the_workers_that_it_restarted() -> None:
    deploy, workers = Mark(T, "apps", SITE, ("shop 1.4.2",), 1), Mark(T + 200, "workers_started", count=2)
    assert marks.before([deploy, workers], T + 250) == deploy
    assert mark_words.began_after(deploy, T + 250) == "It began 4 min after this: shop 1.4.2 installed."
    assert marks.before([deploy, workers], T + limits.MARK_BEFORE_S + 100) == workers
    assert marks.before([deploy], T - 1) is None


def test_of_too_many_those_that_tell_most_are_told() -> None:
    many = [Mark(T + number, "workers_stopped", count=1) for number in range(20)]
    told = marks.telling([Mark(T, "policies", SITE), *many], most=5)
    assert [mark.kind for mark in told] == ["policies", *["workers_stopped"] * 4]
    assert told[-1].at == T + 19


def test_a_viewer_gets_those_of_the_bench_and_of_the_own_site(redis: redis_py.Redis) -> None:
    engine = Engine(redis, queue_prefix=PREFIX)
    now = engine.watch.look().bench.at.timestamp()
    put(redis, Mark(now - 30, "suspended"))
    for site in (SITE, OTHER):
        put(redis, Mark(now - 20, "apps", site, (f"{site[0]}_shop 2",), 1))
    mine = engine.console(Viewer("ann", SITE)).history.read("15m", site=OTHER)
    assert [(each["kind"], each["site"]) for each in mine["marks"]] == [("suspended", None), ("apps", SITE)]
    assert "b_shop" not in str(mine)
    assert OTHER not in str(mine)
    (told, left_out) = engine.console(Viewer("ann", SITE)).marks.between(now - 60, now, OTHER)
    assert ([mark.site for mark in told], left_out) == ([None, SITE], 0)
    whole = engine.console(Viewer("ops")).history.read("15m", site=OTHER)
    assert [each["text"] for each in whole["marks"]] == ["the bench was suspended", "b_shop 2 installed"]
    assert engine.console(Viewer("ann", SITE)).history.read("15m", until="2026-11-01T00:00:00Z")["marks"] == []


def test_an_incident_says_what_came_before_it(redis: redis_py.Redis) -> None:
    engine = Engine(redis, queue_prefix=PREFIX)
    at = engine.watch.look().bench.at
    put(redis, Mark(at.timestamp() - 250, "suspended"))
    said = engine.console(Viewer("ops")).marks.before([at, None, at - timedelta(hours=2)])
    assert said == ["It began 4 min after this: the bench was suspended.", None, None]
