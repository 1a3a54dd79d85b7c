"""What a viewer asks before a policy is saved: whom it is for, and what the observed runs suggest."""

from __future__ import annotations

from collections.abc import Mapping

from ..models.policies import Policy
from ..policies import control
from ..wire import Json
from .context import Context


class Policies:
    def __init__(self, context: Context) -> None:
        self._context = context

    def would_match(self, policy: Policy) -> Json:
        """Which jobs of this site's last day a policy would have been for."""
        site = self._context.viewer.site or ""
        return control.tried(self._context.engine.redis, self._context.look().bench, site, policy)

    def draft(self, job_id: str, limits_s: Mapping[str, float]) -> Json:
        """A policy for the jobs of this one's method, from what was observed.

        `limits_s`: how long a job of each lane may run. Raises NoSuchJob.
        """
        look = self._context.look()
        job = self._context.detail(job_id, look).job
        return control.drafted(self._context.engine.redis, look.bench, job, limits_s)
