"""Previews a policy: which of the jobs that ran it would match, and where a more specific policy comes first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..models.jobs import Call
from ..models.policies import Policy
from ..models.policy_match import PolicySet


@dataclass(frozen=True, slots=True)
class Match:
    """A method that a policy matches. `by`: a more specific policy, which is used instead."""

    method: str
    scheduled: bool
    runs: int
    by: str | None = None


def matches(policy: Policy, policy_set: PolicySet, ran: Mapping[tuple[str, bool], int]) -> list[Match]:
    """`ran`: (method, scheduled) to count. Most runs first. `store` is obeyed now, `policy` goes in its place."""
    tried = replace(policy, name=policy.name or "(new)")
    alone = PolicySet([tried])
    together = PolicySet([tried, *(each for each in policy_set.policies if each.name != tried.name)])
    found = []
    for (method, scheduled), runs in ran.items():
        call = Call(method, method, "scheduled" if scheduled else "method")
        winner = together.of(call)
        if alone.of(call) is not None and winner is not None:
            found.append(Match(method, scheduled, runs, winner.name if winner is not tried else None))
    return sorted(found, key=lambda match: (-match.runs, match.method))
