"""The most specific policy wins, always the same one, and a thousand of them cost nothing."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from job_console.engine.models.jobs import Call, Job
from job_console.engine.models.policies import Policy
from job_console.engine.models.policy_match import Policies, PolicySet, fits


def policy(kind: str, pattern: str, name: str | None = None, **more: object) -> Policy:
    return Policy(name or f"{kind} {pattern}", kind, pattern, **more)  # type: ignore[arg-type]


def call(method: str, record: str | None = None, kind: str = "method") -> Call:
    return Call(method, method, kind, site="a.localhost", scheduled_job=record)


POLICY_SET = PolicySet(
    [
        policy("glob", "*"),
        policy("glob", "shop.*"),
        policy("glob", "shop.stock.*"),
        policy("glob", "*.sync"),
        policy("method", "shop.stock.sync"),
        policy("method", "shop.tasks.pull"),
        policy("schedule", "tasks.push", scheduled_method="shop.tasks.push"),
        policy("schedule", "tasks.pull", scheduled_method="shop.tasks.pull"),
    ]
)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (call("shop.stock.sync"), "method shop.stock.sync"),
        (call("shop.stock.count"), "glob shop.stock.*"),
        (call("shop.cart.sync"), "glob *.sync"),  # both say five letters; the name decides
        (call("shop.cart.close"), "glob shop.*"),
        (call("crm.call"), "glob *"),
        (call("shop.tasks.push", "tasks.push", "scheduled"), "schedule tasks.push"),
        (call("shop.tasks.push", None, "scheduled"), "schedule tasks.push"),  # Frappe 15 names no record
        (call("shop.tasks.push"), "glob shop.*"),  # the same method, but not by its schedule
        (call("shop.tasks.push", "another.record", "scheduled"), "glob shop.*"),
        (call("shop.tasks.pull", "tasks.pull", "scheduled"), "method shop.tasks.pull"),
    ],
)
def test_the_most_specific_wins(asked: Call, name: str) -> None:
    for _again in range(2):  # the second time it is remembered
        found = POLICY_SET.of(asked)
        assert found is not None
        assert found.name == name


def test_none_where_none_fits() -> None:
    assert PolicySet([policy("glob", "shop.*"), policy("method", "crm.call")]).of(call("crm.mail")) is None


def test_a_site_obeys_its_own_policies_only() -> None:
    policies = Policies({"a.localhost": POLICY_SET})
    ours = Job("1", "short", "queued", call("crm.call"))
    theirs = Job("2", "short", "queued", Call("crm.call", "crm.call", "method", site="b.localhost"))
    nobodys = Job("3", "short", "queued", Call("crm.call", "crm.call", "method"))
    assert policies.of(ours) is not None
    assert policies.of(theirs) is None
    assert policies.of(nobodys) is None


@given(st.text("ab.*", max_size=12), st.text("ab.", max_size=20))
def test_a_star_stands_for_any_letters(glob: str, name: str) -> None:
    wanted = re.fullmatch("".join(".*" if each == "*" else re.escape(each) for each in glob), name)
    assert fits(glob, name) == (wanted is not None)


def test_no_glob_can_be_made_slow() -> None:
    start = time.process_time()
    assert not fits("*a" * 200 + "b", "a" * 5_000)
    assert time.process_time() - start < 1


def test_made_up_names_do_not_fill_the_memory() -> None:
    policy_set = PolicySet([policy("glob", "shop.*")])
    for number in range(25_000):
        policy_set.of(call(f"made.up{number}"))
    assert len(policy_set._known) <= 10_000
