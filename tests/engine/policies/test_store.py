"""Published policies on a real server: all at once, the newest reading wins, and looking costs next to nothing."""

from __future__ import annotations

from typing import Any

import pytest

from job_console.engine.models.jobs import Call
from job_console.engine.models.policies import Policy
from job_console.engine.policies import limits as policies_limits
from job_console.engine.policies import store
from job_console.engine.policies.store import PolicyCache
from job_console.engine.redis import keys
from job_console.engine.watch.watch import Watch

SITE = "a.localhost"
SYNC = Policy("P-1", "method", "shop.sync", timeout_s=60)
PULL = Policy("P-2", "schedule", "tasks.pull", scheduled_method="shop.tasks.pull", attempts=3)
WIDE = Policy("P-3", "glob", "shop.*", queue="long")
WIDER = Policy("P-4", "glob", "*", queue="short")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def call(method: str, record: str | None = None, kind: str = "method") -> Call:
    return Call(method, method, kind, site=SITE, scheduled_job=record)


def published(redis: Any, *policies: Policy, site: str = SITE) -> bool:
    return store.publish(redis, site, policies, store.take_ticket(redis))


def looked_up(redis: Any, asked: Call) -> Policy | None:
    pipeline = redis.pipeline(transaction=False)
    store.ask(pipeline, SITE, asked)
    return store.answer(redis, SITE, asked, pipeline.execute()[0])


ASKED = [
    call("shop.sync"),
    call("shop.tasks.pull", "tasks.pull", "scheduled"),
    call("shop.tasks.pull", None, "scheduled"),
    call("shop.tasks.pull"),
    call("crm.call"),
]


@pytest.mark.parametrize("policies", [(), (SYNC,), (SYNC, PULL), (SYNC, PULL, WIDE), (SYNC, PULL, WIDE, WIDER)])
def test_one_jobs_policy_is_what_the_whole_policy_set_says(redis: Any, policies: tuple[Policy, ...]) -> None:
    assert published(redis, *policies)
    whole = PolicyCache(redis).of(SITE)
    assert whole is not None
    assert set(whole.policies) == set(policies)
    for each in ASKED:
        assert looked_up(redis, each) == whole.of(each)


def test_what_was_published_before_is_gone(redis: Any) -> None:
    published(redis, SYNC, WIDE)
    published(redis, PULL)
    assert looked_up(redis, call("shop.sync")) is None
    assert [each.name for each in PolicyCache(redis).all().policy_sets[SITE].policies] == ["P-2"]


def test_an_older_reading_never_stands_over_a_newer_one(redis: Any) -> None:
    older = store.take_ticket(redis)
    assert published(redis, WIDE)
    assert not store.publish(redis, SITE, [SYNC], older)
    assert looked_up(redis, call("shop.sync")) == WIDE


def test_tickets_grow_also_when_redis_has_lost_everything(redis: Any) -> None:
    tickets = [int(store.take_ticket(redis)) for _ in range(50)]
    assert tickets == sorted(set(tickets))
    redis.flushall()
    assert int(store.take_ticket(redis)) > tickets[0]


def test_that_there_is_nothing_is_believed_for_as_long(redis: Any, round_trips: Any) -> None:
    clock = Clock()
    cache = PolicyCache(redis, clock)
    assert cache.known(SITE) is None
    published(redis, SYNC)
    with round_trips() as counted:
        assert all(cache.known(SITE) is None for _ in range(1_000))
    assert len(counted) == 0
    clock.now += policies_limits.POLICIES_TTL_S
    found = cache.known(SITE)
    assert found is not None
    assert found.policies == (SYNC,)


def test_what_another_round_trip_brought_along_need_not_be_asked(redis: Any, round_trips: Any) -> None:
    clock = Clock()
    cache = PolicyCache(redis, clock)
    published(redis, SYNC)
    first = cache.known(SITE)

    def answer_arrives() -> None:
        clock.now += policies_limits.POLICIES_TTL_S
        assert cache.asks(SITE)
        pipeline = redis.pipeline(transaction=False)
        store.version_of(pipeline, SITE)
        cache.answered(SITE, pipeline.execute()[0])

    answer_arrives()
    with round_trips() as counted:
        assert cache.known(SITE) is first
    assert len(counted) == 0
    published(redis, PULL)
    answer_arrives()
    found = cache.known(SITE)
    assert found is not None
    assert found.policies == (PULL,)


def test_what_holds_for_the_whole_site_is_published_too(redis: Any) -> None:
    assert store.publish(redis, SITE, [SYNC], store.take_ticket(redis), after_commit=True)
    whole = PolicyCache(redis).of(SITE)
    assert whole is not None
    assert (whole.after_commit, whole.policies) == (True, (SYNC,))
    published(redis, SYNC)
    again = PolicyCache(redis).of(SITE)
    assert again is not None
    assert not again.after_commit


def test_the_cache_asks_seldom_and_sees_changes(redis: Any, round_trips: Any) -> None:
    clock = Clock()
    policy_cache = PolicyCache(redis, clock)
    assert policy_cache.of(SITE) is None
    published(redis, SYNC)
    first = policy_cache.of(SITE)
    with round_trips() as counted:
        assert all(policy_cache.of(SITE) is first for _ in range(1_000))
    assert len(counted) == 0
    clock.now += policies_limits.POLICIES_TTL_S
    with round_trips() as counted:
        assert policy_cache.of(SITE) is first
    assert len(counted) == 1
    published(redis, WIDE)
    clock.now += policies_limits.POLICIES_TTL_S
    second = policy_cache.of(SITE)
    assert second is not None
    assert second.policies == (WIDE,)
    policy_cache.forget(SITE)
    redis.flushall()
    assert policy_cache.of(SITE) is None


def test_all_sites_at_once(redis: Any, round_trips: Any) -> None:
    policy_cache = PolicyCache(redis)
    for number in range(20):
        published(redis, SYNC, site=f"{number}.localhost")
    with round_trips() as counted:
        assert len(policy_cache.all().policy_sets) == 20
        assert len(policy_cache.all().policy_sets) == 20
    assert len(counted) == 3  # index and books, then the index alone
    store.withdraw(redis, "7.localhost")
    assert "7.localhost" not in policy_cache.all().policy_sets
    assert not redis.exists(keys.policies("7.localhost"))


def test_what_is_no_policy_counts_as_none_and_hides_no_other(redis: Any) -> None:
    published(redis, SYNC, WIDE)
    redis.hset(keys.policies(SITE), "=shop.sync", "gibberish")
    redis.hset(keys.policies(SITE), "=shop.other", '{"name": 1}')
    redis.hset(keys.POLICIES, SITE, "1")
    whole = PolicyCache(redis).of(SITE)
    assert whole is not None
    assert whole.policies == (WIDE,)


def test_a_look_has_the_policies(redis: Any, engine: Any) -> None:
    published(redis, SYNC)
    bench = Watch(redis, engine.reader).look().bench
    assert bench.policies.policy_sets[SITE].policies == (SYNC,)
