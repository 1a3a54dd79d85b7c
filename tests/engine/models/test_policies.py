"""A policy as a value: what it says is what comes back from JSON, and its delays stay within what was said."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from job_console.engine.models.policies import Alerts, Backoff, Limit, Policy, from_json, to_json

FULL = Policy(
    name="P-1",
    kind="schedule",
    pattern="tasks.pull",
    scheduled_method="shop.tasks.pull",
    queue="long",
    timeout_s=600,
    expected_s=60,
    overrun_factor=3,
    longest_wait_s=120,
    attempts=5,
    backoff=Backoff(delays_s=(10, 60), jitter=0),
    retry_on=("ConnectionError",),
    never_on=("frappe.exceptions.ValidationError",),
    idempotency="safe",
    key="{customer}",
    limit=Limit(3, "key", "{region}"),
    lock="stock:{warehouse}",
    lock_wait_s=5,
    lost="requeue",
    alerts=Alerts(("ops@example.com",), ("failed",), 60),
    sensitive=("iban",),
    catch_up="skip",
    overlap="queue",
    source="code",
)


def test_what_is_said_survives_json() -> None:
    assert from_json(json.loads(json.dumps(to_json(FULL)))) == FULL


def test_what_is_not_said_takes_no_room() -> None:
    assert to_json(Policy("P", "method", "shop.sync", timeout_s=60)) == {
        "name": "P",
        "kind": "method",
        "pattern": "shop.sync",
        "timeout_s": 60,
    }


def test_fields_of_a_newer_version_are_passed_over() -> None:
    assert from_json({**to_json(FULL), "colour": "green"}) == FULL


@pytest.mark.parametrize(
    "said", [{}, {"name": "P"}, {**to_json(FULL), "limit": 3}, {**to_json(FULL), "backoff": {"x": 1}}]
)
def test_what_is_no_policy_is_refused(said: dict) -> None:
    with pytest.raises((TypeError, ValueError, KeyError, AttributeError)):
        from_json(said)


def test_a_list_of_delays_repeats_its_last_one() -> None:
    backoff = Backoff(delays_s=(10, 60, 300), jitter=0)
    assert [backoff.delay_s(failed) for failed in (1, 2, 3, 4, 50)] == [10, 60, 300, 300, 300]


def test_an_exponential_one_doubles_up_to_its_cap() -> None:
    backoff = Backoff(first_s=30, factor=2, cap_s=400, jitter=0)
    assert [backoff.delay_s(failed) for failed in (1, 2, 3, 4, 5, 10_000)] == [30, 60, 120, 240, 400, 400]


@given(st.integers(1, 100), st.floats(0, 1), st.floats(0, 1))
def test_chance_stays_within_its_share(failed: int, jitter: float, chance: float) -> None:
    backoff = Backoff(first_s=10, cap_s=100, jitter=jitter)
    middle = Backoff(first_s=10, cap_s=100, jitter=0).delay_s(failed)
    assert middle * (1 - jitter) - 1e-6 <= backoff.delay_s(failed, chance) <= middle * (1 + jitter) + 1e-6


def test_overrunning_is_expected_times_factor_and_unsaid_without() -> None:
    assert FULL.overruns_s == 180
    assert Policy("P", "method", "shop.sync").overruns_s is None
