"""The sweep: each duty once, whoever sweeps; one that fails stops no other; one who dies blocks it not for long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from job_console.engine import keys, limits, memory
from job_console.engine.errors import RedisUnavailable
from job_console.engine.link import connect
from job_console.engine.service import Engine
from job_console.engine.sweep import Duty, Swept, sweep
from job_console.engine.watch import Look

from . import bench


def nothing(engine: Engine, look: Look) -> None:
    pass


def broken(engine: Engine, look: Look) -> None:
    raise ValueError("on purpose")


def test_what_is_due_is_done_with_the_look(redis: Any, engine: Engine, quick_proof: None) -> None:
    bench.fill(redis, 1)
    redis.delete(keys.queue(bench.SHORT))
    seen: list[tuple[Engine, Look]] = []
    swept = sweep(engine, [Duty("see", lambda *told: seen.append(told))])
    assert swept is not None
    assert seen == [(engine, engine.watch.look())]
    assert (swept.done, dict(swept.failed)) == (("see",), {})
    assert (swept.at, swept.warnings) == (seen[0][1].bench.at, seen[0][1].warnings)


def test_nothing_is_done_twice_and_asking_costs_one_round_trip(redis: Any, engine: Engine, trips: Any) -> None:
    duty = Duty("once", nothing, every_s=60)
    assert sweep(engine, [duty]) is not None
    with trips() as counted:
        assert sweep(engine, [duty]) is None
        assert sweep(Engine(redis), [duty]) is None, "another process"
    assert len(counted) == 2
    other = sweep(engine, [duty, Duty("other", nothing)])
    assert other is not None
    assert other.done == ("other",)


def test_of_a_crowd_one_does_it(redis: Any) -> None:
    done: list[int] = []
    begin = threading.Barrier(20)
    came: list[Swept | None] = []

    def one() -> None:
        engine = Engine(redis)
        begin.wait()
        came.append(sweep(engine, [Duty("one", lambda *_: done.append(1), every_s=60)]))

    crowd = [threading.Thread(target=one) for _ in range(20)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert len(done) == 1
    assert sum(each is not None for each in came) == 1


def test_it_is_due_again(redis: Any, engine: Engine, wait_until: Callable[..., Any]) -> None:
    done: list[int] = []
    duty = Duty("often", lambda *_: done.append(1), every_s=0.05)
    wait_until(lambda: sweep(engine, [duty]) and len(done) >= 3)


def test_sites_and_benches_have_their_own(redis: Any, engine: Engine) -> None:
    duties = [Duty("tell", nothing, every_s=60, site=site) for site in ("a.localhost", "b.localhost")]
    swept = sweep(engine, duties)
    assert swept is not None
    assert swept.done == ("tell@a.localhost", "tell@b.localhost")
    assert sweep(engine, duties) is None
    assert sweep(Engine(redis, "bench:"), duties) is not None


def test_one_that_fails_stops_no_other_and_is_shown(redis: Any, engine: Engine) -> None:
    duties = [Duty("broken", broken, every_s=60), Duty("fine", nothing, every_s=60, site="a.localhost")]
    for failures in (1, 2):
        engine.watch.forget()
        redis.delete(*(keys.sweep_lease("", duty.key) for duty in duties))
        swept = sweep(engine, duties)
        assert swept is not None
        assert (swept.done, swept.failed) == (("fine@a.localhost",), {"broken": "ValueError: on purpose"})
        engine.watch.forget()
        told = {record.key: record for record in engine.watch.look().bench.duties}
        assert (told["broken"].failures, told["broken"].error) == (failures, "ValueError: on purpose")
        assert (told["fine@a.localhost"].failures, told["fine@a.localhost"].error) == (0, "")
    assert 0 < redis.ttl(keys.sweep("")) <= limits.SWEEP_KEPT_S


def test_it_counts_failures_in_a_row(redis: Any, engine: Engine, wait_until: Callable[..., Any]) -> None:
    for do, failures in ((broken, 1), (nothing, 0), (broken, 1)):
        engine.watch.forget()
        wait_until(lambda do=do: sweep(engine, [Duty("moody", do, every_s=0)]))
        engine.watch.forget()
        assert [record.failures for record in engine.watch.look().bench.duties] == [failures]


def test_whoever_dies_keeps_others_from_it_only_for_the_lease(
    redis: Any, engine: Engine, monkeypatch: pytest.MonkeyPatch, wait_until: Callable[..., Any]
) -> None:
    monkeypatch.setattr(limits, "SWEEP_LEASE_S", 0.3)

    def die(engine: Engine, look: Look) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        sweep(engine, [Duty("deadly", die)])
    assert sweep(engine, [Duty("deadly", nothing)]) is None
    wait_until(lambda: sweep(engine, [Duty("deadly", nothing)]))


def test_a_lease_that_another_one_took_over_is_left_alone(redis: Any, engine: Engine) -> None:
    lease = keys.sweep_lease("", "slow")

    def lose(engine: Engine, look: Look) -> None:
        redis.set(lease, "another", ex=60)

    sweep(engine, [Duty("slow", lose, every_s=0)])
    assert (redis.get(lease), redis.ttl(lease) > 50) == (b"another", True)


def test_duties_of_sites_that_are_gone_are_forgotten(redis: Any, engine: Engine) -> None:
    sweep(engine, [Duty("tell", nothing, every_s=0, site="gone.localhost")])
    record = memory.duties(redis.hgetall(keys.sweep("")))[0]
    past = record.at - timedelta(seconds=limits.SWEEP_KEPT_S + 1)
    redis.hset(
        keys.sweep(""),
        record.key,
        redis.hget(keys.sweep(""), record.key).decode().replace(record.at.isoformat(), past.isoformat()),
    )
    engine.watch.forget()
    sweep(engine, [Duty("other", nothing)])
    assert [each.key for each in memory.duties(redis.hgetall(keys.sweep("")))] == ["other"]


@pytest.mark.parametrize("odd", [b"\xff", b"[]", b"{}", b'{"at": 5}', b'{"at": "never", "by": ""}'])
def test_what_is_none_of_ours_is_no_record(odd: bytes) -> None:
    assert memory.duties({b"odd": odd}) == ()
    assert memory.duties(ValueError("no hash")) == ()


def test_a_dead_redis_is_said(redis: Any, own_server: Any) -> None:
    from tests.support.processes import kill

    engine = Engine(connect(own_server.url))
    kill(own_server.pid)
    with pytest.raises(RedisUnavailable):
        sweep(engine, [Duty("x", nothing)])
