"""Recent failures by method, for the detectors that are about methods and not about jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from ...history import limits as history_limits
from ...models.bench import Bench, FailedRun


def at_least(bench: Bench, runs: Sequence[FailedRun], within_s: float) -> bool:
    """Whether there may be more than these: of a long registry, and of our own record, only the newest are read."""
    start = bench.at - timedelta(seconds=within_s)
    cut = any(bench.failures_since.get(run.queue or "", start) > start for run in runs)
    return cut or len(runs) >= history_limits.FAILURES_EACH


def by_method(
    failed: Iterable[FailedRun], now: datetime, within_s: float
) -> Iterator[tuple[FailedRun, list[FailedRun]]]:
    """(newest, all from newest to oldest) for each method of each site that failed within these seconds."""
    groups: dict[tuple[str, str | None], list[FailedRun]] = {}
    for run in failed:
        if (now - run.at).total_seconds() <= within_s:
            groups.setdefault((run.method, run.site), []).append(run)
    for runs in groups.values():
        runs.sort(key=lambda run: run.at, reverse=True)
        yield runs[0], runs
