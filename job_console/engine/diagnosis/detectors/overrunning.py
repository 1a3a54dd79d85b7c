"""`overrunning`: running far beyond what its policy, or else its own history, calls normal.

A policy says how long is expected, and how many times that is too long; or a timeout, which jobs that were not enqueued
by `job_console.enqueue` do not have. History is that of the method's runs that ended well, in the last week
(`statistics`). Beyond its timeout a job is `past_timeout`, and that is then the one warning about it.

Wrong if: this run has more to do than earlier ones, or its worker's clock is ahead of Redis's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...messages import _
from ...models import limits as models_limits
from ...models.bench import Bench
from ...models.jobs import Job
from ...models.policies import Policy
from ...models.warnings import Warning
from ...wording import duration, iso, name
from .. import limits
from .timeouts import GENTLY, STOP, past
from .worker_lost import lost


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        for job in lane.running:
            ran = job.elapsed_s(bench.at)
            if job.status != "started" or ran is None:
                continue
            found = overruns(bench, job, ran)
            if found is None or lost(bench.at, job, bench.worker(job.worker))[0]:
                continue  # when nothing runs any more: `worker_lost`
            measure, evidence = found
            yield Warning(
                code="overrunning",
                severity="warning",
                queue=lane.name,
                job_id=job.id,
                worker=job.worker,
                site=job.site,
                since=job.started_at,
                message=_("{job} has run {duration}, {measure}.").format(
                    job=name(job), duration=duration(ran), measure=measure
                ),
                evidence={"method": job.call.method, "started_at": iso(job.started_at), **evidence},
                remedies=(GENTLY, STOP),
            )


def overruns(bench: Bench, job: Job, ran: float) -> tuple[str, dict[str, Any]] | None:
    """What it should have taken, in words and for programs; None when it has not run too long."""
    if past(job, ran):
        return None
    policy = bench.policies.of(job)
    if policy is not None and (policy.expected_s or policy.timeout_s):
        return _by_policy(policy, ran)
    usual = bench.usual.get(job.call.method)
    if usual is None or usual.runs < limits.OVERRUN_RUNS or usual.p99_s is None:
        return None
    if ran <= max(limits.OVERRUN_MIN_S, models_limits.OVERRUN_FACTOR * usual.p99_s):
        return None
    evidence = {"usual_s": usual.median_s, "p99_s": usual.p99_s, "runs": usual.runs}
    return _("usually {duration}").format(duration=duration(usual.median_s or 0.0)), evidence


def _by_policy(policy: Policy, ran: float) -> tuple[str, dict[str, Any]] | None:
    if policy.timeout_s and ran > policy.timeout_s:
        words = _("its policy allows {duration}").format(duration=duration(policy.timeout_s))
        return words, {"policy": policy.name, "policy_timeout_s": policy.timeout_s}
    if policy.expected_s and policy.overruns_s and ran > policy.overruns_s:
        evidence = {"policy": policy.name, "expected_s": policy.expected_s, "limit_s": policy.overruns_s}
        return _("its policy expects {duration}").format(duration=duration(policy.expected_s)), evidence
    return None
