"""Answers what the form of a policy asks, in JSON: what it would have changed, and what runs suggest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..history import hourly, statistics
from ..models.bench import Bench, Usual
from ..models.jobs import Call, Job
from ..models.policies import Policy, to_json
from ..models.policy_match import PolicySet
from ..redis.link import Redis, reaching_redis
from . import changes, limits, obedience
from .draft import draft
from .preview import matches


def tried(redis: Redis, bench: Bench, site: str, policy: Policy) -> dict[str, Any]:
    """Which jobs of a site a policy would match: those that ended in the last day, and those that wait or run now."""
    with reaching_redis():
        ran = statistics.ran(redis, site, bench.at)
    on_screen = {job.id: job for lane in bench.lanes for job in (*lane.running, *lane.head) if job.site == site}
    ran.update((job.call.method, job.call.kind == "scheduled") for job in on_screen.values())
    found = matches(policy, bench.policies.policy_sets.get(site, PolicySet()), ran)
    own = list(dict.fromkeys(match.method for match in found if match.by is None))[: limits.TRIED_METHODS]
    with reaching_redis():
        lanes = statistics.last_day(redis, own, bench.at)
        paths = obedience.last_day(redis, site, policy.name, bench.at) if policy.name else []
        early = hourly.last_day(redis, hourly.RACES, site, bench.at)
    alone = PolicySet([policy])
    return {
        "matches": [asdict(match) for match in found],
        "of_runs": sum(ran.values()),
        "changes": changes.of_last_day(policy, lanes),
        "paths": [_path(policy, obeyed) for obeyed in paths],
        "early": sum(count for method, count in early.items() if alone.of(Call(method, method, "method")) is not None),
    }


def _path(policy: Policy, obeyed: obedience.Obeyed) -> dict[str, Any]:
    """The counts of one path; for each field that jobs could not obey, how many, and why where it is never possible."""
    why = obedience.NEVER.get(obeyed.path, {})
    missed = [
        {"field": name, "jobs": count, "why": why.get(name) if name in obedience.never(policy, obeyed.path) else None}
        for name, count in sorted(obeyed.missed.items())
    ]
    return {"path": obeyed.path, "jobs": obeyed.jobs, "missed": missed}


def drafted(redis: Redis, bench: Bench, job: Job, limits_s: Mapping[str, float]) -> dict[str, Any]:
    """`limits_s`: how long a job of each lane may run."""
    with reaching_redis():
        usual = statistics.usual(redis, [job.call.method], bench.at).get(job.call.method)
    lane = job.queue.rpartition(":")[2]
    return {"policy": to_json(draft(job.call, lane, usual, limits_s.get(lane))), "observed": _observed(usual)}


def _observed(usual: Usual | None) -> dict[str, Any]:
    if usual is None:
        return {"runs": 0, "failed": 0, "median_s": None, "p99_s": None}
    return {"runs": usual.runs, "failed": usual.failed, "median_s": usual.median_s, "p99_s": usual.p99_s}
