"""The sweep: each duty once, whoever sweeps; one that fails stops no other; one who dies blocks it not for long."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.errors import RedisUnavailable
from job_console.engine.look import limits as look_limits
from job_console.engine.models.bench import Bench
from job_console.engine.models.sweeps import Memory
from job_console.engine.redis import keys
from job_console.engine.redis import limits as redis_limits
from job_console.engine.redis.link import connect
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.service import Engine, Viewer
from job_console.engine.watch import limits as watch_limits
from job_console.engine.watch.sweep import Duty, Swept, sweep
from job_console.engine.watch.watch import Look

from .. import bench


def nothing(engine: Engine, look: Look) -> None:
    pass


def broken(engine: Engine, look: Look) -> None:
    raise ValueError("on purpose")


def test_what_is_due_is_done_with_the_look(redis: Any, engine: Engine, quick_proof: None) -> None:
    bench.fill(redis, 1)
    redis.delete(keys.queue(bench.SHORT))
    seen: list[tuple[Engine, Look]] = []
    swept = sweep(engine, [Duty("see", lambda *reported: seen.append(reported))])
    assert swept is not None
    assert seen == [(engine, engine.watch.look())]
    assert (swept.done, dict(swept.failed)) == (("see",), {})
    assert (swept.at, swept.warnings) == (seen[0][1].bench.at, seen[0][1].warnings)


def test_nothing_is_done_twice_and_asking_costs_one_round_trip(redis: Any, engine: Engine, round_trips: Any) -> None:
    duty = Duty("once", nothing, every_s=60)
    assert sweep(engine, [duty]) is not None
    with round_trips() as counted:
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
        reported = {record.key: record for record in engine.watch.look().bench.duties}
        assert (reported["broken"].failures, reported["broken"].error) == (failures, "ValueError: on purpose")
        assert (reported["fine@a.localhost"].failures, reported["fine@a.localhost"].error) == (0, "")
    for site, seen in ((None, ["broken", "fine@a.localhost"]), ("b.localhost", ["broken"])):
        snapshot = engine.console(Viewer("x", site)).snapshot()
        assert [duty["key"] for duty in snapshot["duties"]] == seen
    assert 0 < redis.ttl(keys.sweep("")) <= look_limits.SWEEP_KEPT_S


def test_it_counts_failures_in_a_row(redis: Any, engine: Engine, wait_until: Callable[..., Any]) -> None:
    for do, failures in ((broken, 1), (nothing, 0), (broken, 1)):
        engine.watch.forget()
        wait_until(lambda do=do: sweep(engine, [Duty("moody", do, every_s=0)]))
        engine.watch.forget()
        assert [record.failures for record in engine.watch.look().bench.duties] == [failures]


def test_whoever_dies_keeps_others_from_it_only_for_the_lease(
    redis: Any, engine: Engine, wait_until: Callable[..., Any]
) -> None:
    def die(engine: Engine, look: Look) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        sweep(engine, [Duty("deadly", die)])
    assert sweep(engine, [Duty("deadly", nothing)]) is None
    assert 0 < redis.pttl(keys.sweep_lease("", "deadly")) <= 1000 * redis_limits.SWEEP_LEASE_S
    redis.pexpire(keys.sweep_lease("", "deadly"), 1)
    wait_until(lambda: sweep(engine, [Duty("deadly", nothing)]))


def test_a_lease_that_another_one_took_over_is_left_alone(redis: Any, engine: Engine) -> None:
    lease = keys.sweep_lease("", "slow")

    def lose(engine: Engine, look: Look) -> None:
        redis.set(lease, "another", ex=60)

    sweep(engine, [Duty("slow", lose, every_s=0)])
    assert (redis.get(lease), redis.ttl(lease) > 50) == (b"another", True)


def left(engine: Engine) -> Bench:
    """A look that is not a second old, with what sweeps left."""
    engine.watch.forget()
    return engine.watch.look().bench


def test_duties_of_sites_that_are_gone_are_forgotten(redis: Any, engine: Engine) -> None:
    sweep(engine, [Duty("tell", nothing, site="gone.localhost")])
    (record,) = left(engine).duties
    long_ago = record.at - timedelta(seconds=look_limits.SWEEP_KEPT_S + 1)
    rewrite(redis, record.key, at=long_ago.isoformat())
    left(engine)
    sweep(engine, [Duty("other", nothing)])
    assert [each.key for each in left(engine).duties] == ["other"]


def rewrite(redis: Any, name: str, **changed: Any) -> None:
    """Of what sweeps left."""
    said = json.loads(redis.hget(keys.sweep(""), name))
    redis.hset(keys.sweep(""), name, json.dumps({**said, **changed}))


@pytest.mark.parametrize(
    "odd",
    [b"\xff", b"[]", b"{}", b'{"at": 5}', b'{"at": "never", "by": ""}', b'{"at": 1e300, "first_seen": []}'],
)
def test_what_is_none_of_ours_is_no_record(redis: Any, engine: Engine, odd: bytes) -> None:
    redis.hset(keys.sweep(""), mapping={"odd": odd, ":seen": odd})
    assert (left(engine).duties, left(engine).memory) == ((), Memory())
    redis.delete(keys.sweep(""))
    redis.set(keys.sweep(""), "no hash")
    assert (left(engine).duties, left(engine).memory) == ((), Memory())


class TestMemory:
    """Each engine is a process that lives for a moment."""

    @pytest.fixture
    def ghost(self, redis: Any) -> str:
        (job_id,) = bench.fill(redis, 1, enqueued_at=bench.ago(10))
        redis.delete(keys.queue(bench.SHORT))
        return job_id

    def codes(self, engine: Engine) -> list[str]:
        return [warning.code for warning in engine.watch.look().warnings]

    def earlier(self, redis: Any, seconds: float, **changed: Any) -> None:
        """What sweeps saw, they saw so long ago."""
        said = json.loads(redis.hget(keys.sweep(""), ":seen"))
        seen = {key: at - seconds for key, at in said["first_seen"].items()}
        rewrite(redis, ":seen", first_seen=seen, **changed)

    def test_what_one_saw_another_one_proves(self, redis: Any, ghost: str) -> None:
        first = Engine(redis)
        swept = first.sweep()
        assert swept is not None
        duties = ("remember", "marks", "retry", "places", "silences", "failures", "canaries", "bulks", "samples")
        duties = (*duties[:-1], "pictures", "packed", "samples", "history")
        assert (swept.warnings, swept.done) == ((), duties)
        assert self.codes(Engine(redis)) == []
        self.earlier(redis, diagnosis_limits.PROOF_S)
        assert self.codes(Engine(redis)) == ["ghost_queued"]

    def test_only_sweeps_tell(self, redis: Any, ghost: str) -> None:
        Engine(redis).watch.look()
        assert not redis.exists(keys.sweep(""))

    def test_what_is_over_is_forgotten(self, redis: Any, ghost: str) -> None:
        Engine(redis).sweep()
        redis.rpush(keys.queue(bench.SHORT), ghost)
        redis.delete(keys.sweep_lease("", "remember"))
        Engine(redis).sweep()
        assert left(Engine(redis)).memory.first_seen == {}
        assert left(Engine(redis)).memory.suspects == ()

    def test_the_next_run_of_the_same_id_is_another_one(self, redis: Any, ghost: str) -> None:
        Engine(redis).sweep()
        self.earlier(redis, diagnosis_limits.PROOF_S)
        bench.age(redis, ghost, 30, "enqueued_at")
        assert self.codes(Engine(redis)) == []

    def test_what_was_seen_long_ago_proves_nothing(self, redis: Any, ghost: str) -> None:
        engine = Engine(redis)
        engine.sweep()
        long_ago = left(engine).at.timestamp() - schedule_limits.PROOF_FORGET_S - 1
        self.earlier(redis, diagnosis_limits.PROOF_S, at=long_ago)
        assert self.codes(Engine(redis)) == []

    def test_a_clock_that_was_set_back_proves_nothing(self, redis: Any, ghost: str) -> None:
        Engine(redis).sweep()
        self.earlier(redis, -3600)
        assert self.codes(Engine(redis)) == []

    def test_the_survey_goes_on_where_another_one_stopped(
        self, redis: Any, monkeypatch: pytest.MonkeyPatch, quick_proof: None
    ) -> None:
        """None of them lives long enough to go around."""
        monkeypatch.setattr(watch_limits, "SURVEY_SECONDS", 0.0)
        monkeypatch.setattr(look_limits, "SURVEY_COUNT", 50)
        bench.fill(redis, 2_000)
        in_the_middle = list(redis.scan_iter(match=keys.JOB_PREFIX + "*", count=50))[1_000].decode()
        redis.lrem(keys.queue(bench.SHORT), 1, in_the_middle.removeprefix(keys.JOB_PREFIX))
        lives = 0
        while "ghost_queued" not in self.codes(Engine(redis)):
            Engine(redis).sweep()
            redis.delete(keys.sweep_lease("", "remember"))
            lives += 1
            assert lives < 200
        assert lives > 10

    def test_bounded(self, redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(look_limits, "PROOF_FINDINGS", 3)
        redis.sadd(keys.QUEUES, keys.queue(bench.SHORT))
        redis.rpush(keys.queue(bench.SHORT), *("a.localhost||" + name for name in "abcdef"))
        Engine(redis).sweep()
        assert len(left(Engine(redis)).memory.first_seen) == 3


def test_a_dead_redis_is_said(redis: Any, own_server: Any) -> None:
    from tests.support.processes import kill

    engine = Engine(connect(own_server.url))
    kill(own_server.pid)
    with pytest.raises(RedisUnavailable):
        sweep(engine, [Duty("x", nothing)])
