"""Drafts a policy from the statistics of a method, for a person to edit and save."""

from __future__ import annotations

import math

from ..models import limits as models_limits
from ..models.bench import Usual
from ..models.jobs import Call
from ..models.policies import Policy
from . import limits

#: Round figures, as people write them: a timeout of 4 min 37 s would suggest a precision that it does not have.
_ROUND_S = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1200, 1500, 1800, 2700, 3600)


def draft(call: Call, lane: str, usual: Usual | None, most_s: float | None) -> Policy:
    """The draft. `lane`: the lane's label; `most_s`: the timeout of that lane in seconds, None: not known.

    The expected duration is the median. The 99th percentile does not count as overrunning yet; the timeout is three
    times that.
    """
    kind = "schedule" if call.scheduled_job else "method"
    pattern = call.scheduled_job or call.method
    if usual is None or usual.median_s is None or usual.p99_s is None:
        return Policy(pattern, kind, pattern, queue=lane)
    expected, slowest = _rounded(usual.median_s), _rounded(models_limits.OVERRUN_FACTOR * usual.p99_s)
    factor = math.ceil(max(slowest / expected, models_limits.OVERRUN_FACTOR))
    timeout = _rounded(max(3 * usual.p99_s, factor * expected, limits.TIMEOUT_NEAR_MIN_S))
    if most_s is not None:
        timeout = min(timeout, most_s)
    return Policy(
        pattern,
        kind,
        pattern,
        queue=lane,
        expected_s=expected if expected < timeout else None,
        overrun_factor=float(factor),
        timeout_s=timeout,
    )


def _rounded(seconds: float) -> float:
    """Up to the next round figure."""
    nice = next((each for each in _ROUND_S if seconds <= each), None)
    return float(nice if nice is not None else math.ceil(seconds / 3600) * 3600)
