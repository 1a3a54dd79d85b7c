"""What a policy would have been for."""

from __future__ import annotations

from job_console.engine.models.policies import Policy
from job_console.engine.models.policy_match import PolicySet
from job_console.engine.policies.preview import Match, matches

RAN = {("shop.sync", False): 40, ("shop.pull", True): 7, ("shop.pull", False): 2, ("crm.call", False): 9}
SYNC = Policy("Sync", "method", "shop.sync")


def test_a_pattern_shows_what_it_fits_and_who_says_more() -> None:
    shop = Policy("Shop", "glob", "shop.*")
    assert matches(shop, PolicySet([SYNC, shop]), RAN) == [
        Match("shop.sync", False, 40, "Sync"),
        Match("shop.pull", True, 7),
        Match("shop.pull", False, 2),
    ]


def test_a_schedule_is_for_its_runs_only() -> None:
    pull = Policy("Pull", "schedule", "tasks.pull", scheduled_method="shop.pull")
    assert matches(pull, PolicySet(), RAN) == [Match("shop.pull", True, 7)]


def test_the_form_counts_not_what_was_saved_before() -> None:
    before = Policy("Sync", "glob", "*")
    assert [match.method for match in matches(SYNC, PolicySet([before]), RAN)] == ["shop.sync"]


def test_a_new_one_has_no_name_yet() -> None:
    assert matches(Policy("", "method", "crm.call"), PolicySet(), RAN) == [Match("crm.call", False, 9)]
