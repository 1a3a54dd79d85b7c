"""What a viewer asks before a policy is saved: whom it is for, what it changes, and what the observed runs suggest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..history import hourly, statistics
from ..jobs import pages
from ..jobs.query import Query
from ..models.bench import Bench
from ..models.jobs import Page
from ..models.policies import Policy
from ..models.policy_match import PolicySet
from ..policies import changes, limits, queries
from ..redis.link import reaching_redis
from ..wire import Json
from .context import Context


class Policies:
    def __init__(self, context: Context) -> None:
        self._context = context

    def would_match(self, policy: Policy) -> Json:
        """Which jobs of this site's last day a policy would have been for, what it would have changed for them, and
        what becomes of those that wait."""
        site, bench = self._context.viewer.site or "", self._context.look().bench
        tried = queries.tried(self._context.engine.redis, bench, site, policy)
        return {**tried, "waiting": self._waiting(bench, policy)}

    def draft(self, job_id: str, limits_s: Mapping[str, float]) -> Json:
        """A policy for the jobs of this one's method, from what was observed.

        `limits_s`: how long a job of each lane may run. Raises NoSuchJob.
        """
        look = self._context.look()
        job = self._context.detail(job_id, look).job
        return queries.drafted(self._context.engine.redis, look.bench, job, limits_s)

    def seen_methods(self) -> list[str]:
        """Methods of this site's jobs that ended in the last day, or wait or run where a look reads."""
        bench, site = self._context.look().bench, self._context.viewer.site or ""
        with reaching_redis():
            ended = statistics.seen(self._context.engine.redis, site, bench.at)
        jobs = (job for lane in bench.lanes for job in (*lane.running, *lane.head) if job.site == site)
        return sorted({*ended, *(job.call.method for job in jobs if job.call.kind != "unreadable")})

    def early_jobs(self) -> Json:
        """Jobs of the last day that were enqueued before what they are about was committed, by method, the method with
        most first; and how many were sent after the commit instead."""
        redis, site, now = self._context.engine.redis, self._context.viewer.site or "", self._context.look().bench.at
        with reaching_redis():
            found = hourly.last_day(redis, hourly.RACES, site, now)
            prevented = hourly.last_day(redis, hourly.PREVENTED, site, now).total()
        methods = [list(each) for each in found.most_common(limits.TRIED_METHODS)]
        return {"total": found.total(), "methods": methods, "prevented": prevented}

    def _waiting(self, bench: Bench, policy: Policy) -> list[str]:
        named = policy.scheduled_method if policy.kind == "schedule" else policy.pattern
        if not named:
            return []
        query, scope = Query(status="queued", method=named), self._context.scope
        redis, reader = self._context.engine.redis, self._context.engine.reader
        with reaching_redis():
            found = pages.page(redis, reader, bench, query, scope, pages.Window(1, limits.TRIED_WAITING))
        return _of_waiting(found, bench.policies.policy_sets.get(scope.site or "", PolicySet()), policy)


def _of_waiting(found: Page, policy_set: PolicySet, policy: Policy) -> list[str]:
    """A query by name finds longer names too, and jobs for which another policy goes first."""
    tried = replace(policy, name=policy.name or "(new)")
    together = PolicySet([tried, *(each for each in policy_set.policies if each.name != tried.name)])
    own = [job for job in found.jobs if together.of(job.call) is tried]
    whole = not found.approximate and found.total <= len(found.jobs)
    return changes.for_waiting(policy, own, len(own) if whole else max(found.total, len(own)))
