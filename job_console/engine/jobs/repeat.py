"""Whether a job may run again without a reason: by its policy's `idempotency`, and by whether it has run at all."""

from __future__ import annotations

from ..messages import _
from ..models.jobs import Job
from ..models.policies import Policy

#: A run that began may have done half of its work.
_HAS_RUN = ("failed", "stopped", "finished")


def harm(job: Job, policy: Policy | None) -> str:
    """`safe`, `unsafe` or `unknown`: whether running this job again can do its work twice."""
    if job.status not in _HAS_RUN or job.started_at is None:
        return "safe"  # there is no first time yet
    return policy.idempotency if policy else "unknown"


def refusal(job: Job, policy: Policy | None, reason: str) -> str | None:
    """Why a reason is needed to run the job again; None: none is needed."""
    if reason or policy is None or harm(job, policy) != "unsafe":
        return None
    return _(
        "It is not safe to repeat, says its policy {policy}: what its last run did before it "
        "ended stays done, and would be done again. Say why it may be, as the reason."
    ).format(policy=policy.name)
