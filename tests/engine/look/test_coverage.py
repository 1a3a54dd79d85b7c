"""One look at very many jobs: bounded, with what sweeps have found, and it says how much was gone through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from math import inf
from typing import Any

import pytest

from job_console.engine.look import coverage
from job_console.engine.look import limits as look_limits
from job_console.engine.models.sweeps import Effort, Memory, Surveyed
from job_console.engine.policies import limits as policies_limits
from job_console.engine.redis import keys
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.service import Console, Engine, Viewer
from job_console.engine.watch import limits as watch_limits
from job_console.engine.watch import watch

from .. import bench
from ..bench import SHORT

#: Of four pages; a hundred and more would go through all.
ONE_SHOT_TRIPS = 40
NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)


@pytest.fixture
def small_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bench of some hundred jobs is a large one, and one look goes through four pages of it."""
    monkeypatch.setattr(look_limits, "SURVEY_COUNT", 50)
    monkeypatch.setattr(watch_limits, "ONE_SHOT_RECORDS", 200)
    monkeypatch.setattr(watch, "ONE_SHOT", Effort(inf, turns=4))


def commands(redis: Any) -> Iterator[tuple[str, int]]:
    for name, each in redis.info("commandstats").items():
        if not name.startswith(("cmdstat_config", "cmdstat_info")):
            yield name, each["calls"]


def one_shot(redis: Any) -> Console:
    return Engine(redis).console(Viewer("tester@here"))


def test_its_cost_does_not_grow_with_what_waits(
    redis: Any, small_part: None, round_trips: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies_limits, "LPOS_DEPTH", 100)
    for depth in (2_000, 8_000):
        redis.flushdb()
        bench.fill(redis, depth)
        redis.sadd(keys.WORKERS, "rq:worker:none")  # the same bench but for its depth
        redis.config_resetstat()
        with round_trips() as counted:
            surveyed = one_shot(redis).warnings.all(prove=True)["surveyed"]
        assert 0 < surveyed["seen"] < depth
        assert surveyed["of"] == depth
        assert f"of {depth:,} waiting jobs" in surveyed["text"]
        calls = dict(commands(redis))
        assert calls["cmdstat_scan"] <= 2 * 4 + 2, "two looks, of four pages and of one"
        # Which records come first is Redis's secret, and with it how many of them must be asked about.
        assert len(counted) <= ONE_SHOT_TRIPS
        assert sum(calls.values()) <= 2_000, "each job is asked for"


def test_a_usual_bench_is_gone_through_whole(redis: Any, small_part: None) -> None:
    bench.fill(redis, 90)
    surveyed = one_shot(redis).warnings.all(prove=True)["surveyed"]
    assert (surveyed["share"], surveyed["of"], surveyed["whole_by_sweeps"]) == (1.0, 90, False)
    assert surveyed["text"] == "Surveyed all 90 waiting jobs: just now."


def test_it_goes_on_where_sweeps_are(redis: Any, small_part: None) -> None:
    bench.fill(redis, 3_000)
    sweeper = Engine(redis)
    swept = sweeper.watch.look_proven(Effort(inf, turns=10))
    sweeper.watch.remember(swept)
    surveyed = one_shot(redis).warnings.all(prove=True)["surveyed"]
    assert surveyed["by_sweeps"] >= swept.bench.surveyed.seen > 0
    assert surveyed["by_sweeps"] < surveyed["seen"] < 3_000
    assert "by the sweep just now" in surveyed["text"]


def test_it_tells_what_sweeps_found_in_a_whole_round(redis: Any, small_part: None, quick_proof: None) -> None:
    ids = bench.fill(redis, 900)
    lost = ids[::300]
    for job_id in lost:
        redis.lrem(keys.queue(SHORT), 1, job_id)
    sweeper = Engine(redis)
    sweeper.watch.remember(sweeper.watch.look_proven(Effort(inf, whole=True)))
    answer = one_shot(redis).warnings.all(prove=True)
    surveyed = answer["surveyed"]
    assert (surveyed["share"], surveyed["seen"], surveyed["whole_by_sweeps"]) == (1.0, 897, True)
    assert surveyed["text"] == "Surveyed all 897 waiting jobs: by the sweep, just now."
    (found,) = (each for each in answer["warnings"] if each["code"] == "ghost_queued")
    assert found["evidence"]["count"] == len(lost)


def test_deep_goes_through_all_and_says_how_far_it_came(redis: Any, small_part: None, quick_proof: None) -> None:
    ids = bench.fill(redis, 900)
    redis.lrem(keys.queue(SHORT), 1, ids[777])
    heard: list[Surveyed] = []
    answer = one_shot(redis).warnings.all(deep=True, on_surveyed=heard.append)
    assert answer["surveyed"]["share"] == 1.0
    assert [each["job_id"] for each in answer["warnings"] if each["code"] == "ghost_queued"] == [ids[777]]
    assert [each.seen for each in heard[:-1]] == sorted(each.seen for each in heard[:-1])
    assert max(each.seen for each in heard) == 900
    assert len(heard) > 10, "in slices"


def test_who_still_looks_through_deep_lanes_says_so(
    redis: Any, small_part: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies_limits, "LPOS_DEPTH", 100)
    monkeypatch.setattr(look_limits, "LIST_CHUNK", 60)
    monkeypatch.setattr(look_limits, "LIST_OVERLAP", 20)
    bench.fill(redis, 900, enqueued_at=bench.ago(60))
    redis.lpop(keys.queue(SHORT))
    surveyed = one_shot(redis).warnings.all(prove=True)["surveyed"]
    assert surveyed["unsure"] > 0
    assert "deep lanes are still being gone through" in surveyed["text"]


class TestWhatSweepsLeave:
    own = Surveyed(seen=100)
    others = Surveyed(seen=500, by_sweeps=500, swept_at=NOW - timedelta(seconds=20))

    def left(self, own: Surveyed, others: Surveyed) -> tuple[int, Surveyed]:
        return coverage.left_behind(1, own, Memory(cursor=2, surveyed=others), NOW)

    def test_the_place_of_who_has_come_further(self) -> None:
        assert self.left(self.own, self.others) == (2, self.others)
        cursor, reported = self.left(replace(self.own, seen=501), self.others)
        assert (cursor, reported.seen, reported.swept_at) == (1, 501, NOW)

    def test_not_one_of_before_the_round_ended_or_of_long_ago(self) -> None:
        ended = replace(self.own, whole_at=NOW - timedelta(seconds=10))
        assert self.left(ended, self.others)[0] == 1
        old = replace(self.others, swept_at=NOW - timedelta(seconds=schedule_limits.PROOF_FORGET_S + 1))
        assert self.left(self.own, old)[0] == 1

    def test_the_latest_end_of_a_round_is_kept(self) -> None:
        ended = replace(self.others, whole_at=NOW - timedelta(seconds=40))
        assert self.left(self.own, ended)[1].whole_at == ended.whole_at
        assert self.left(replace(self.own, whole_at=NOW), ended)[1].whole_at == NOW


@pytest.mark.parametrize(
    ("surveyed", "reported"),
    [
        (Surveyed(seen=120_000, of=1_000_000), "Surveyed 12 % of 1,000,000 waiting jobs, just now."),
        (
            Surveyed(150_000, 1_000_000, 120_000, NOW - timedelta(seconds=40)),
            "Surveyed 15 % of 1,000,000 waiting jobs: 12 % by the sweep 40 s ago, 3 % just now.",
        ),
        (Surveyed(999_999, 1_000_000), "Surveyed 99 % of 1,000,000 waiting jobs, just now."),
        (Surveyed(1, 1_000_000), "Surveyed under 1 % of 1,000,000 waiting jobs, just now."),
        (Surveyed(), "Surveyed a part of the records; nothing waits."),
        (
            Surveyed(of=3, whole_at=NOW - timedelta(minutes=5), whole_by_sweeps=True),
            "Surveyed all 3 waiting jobs: by the sweep, 5 min ago.",
        ),
    ],
)
def test_words(surveyed: Surveyed, reported: str) -> None:
    assert coverage.sentence(surveyed, NOW) == reported
