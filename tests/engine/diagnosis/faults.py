"""What the tests of made faults share: a remedy that is done, a history, a state to wait for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun
from job_console.engine.service import Console

from .. import bench
from ..bench import SHORT


def act(console: Console, warning: dict[str, Any], safe: bool = True) -> None:
    """Do the first remedy of a warning."""
    remedy = warning["remedies"][0]
    assert remedy["safe"] is safe
    (result,) = console.actions.run(remedy["action"], [warning["job_id"]], "a test", queue=warning["queue"])["results"]
    assert result["ok"], result


def history(redis: Any, method: str, seconds: float, runs: int = 20, site: str = "a.localhost") -> None:
    """As the hooks of a Frappe job write it."""
    for _ in range(runs):
        now = datetime.now(timezone.utc)
        statistics.record(redis, EndedRun(method, SHORT, "finished", now, run_s=seconds, wait_s=0.1, site=site))


def is_in(redis: Any, job_id: str, status: str) -> Callable[[], bool]:
    return lambda: bench.status(redis, job_id) == status
