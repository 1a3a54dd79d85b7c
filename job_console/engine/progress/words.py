"""Progress in plain English."""

from __future__ import annotations

from datetime import datetime

from ..models.progress import Chunks, Progress
from ..wording import duration, many
from . import limits


def place(progress: Progress) -> str:
    """`41,230 of 80,000 (recalculating)`, `40 %`, `17 so far`."""
    if progress.from_frappe:
        where = f"{progress.done:.0f} %" if progress.total == 100 else f"{progress.done:,.0f} of {progress.total:,.0f}"
    elif progress.total is None:
        where = f"{progress.done:,.0f} so far"
    else:
        where = f"{progress.done:,.0f} of {progress.total:,.0f}"
    return f"{where} ({progress.text})" if progress.text else where


def going(progress: Progress, now: datetime) -> str:
    """`41,230 of 80,000, about 6 min left`; for what has not reported for long, since when."""
    silent = progress.silent_s(now) or 0.0
    if silent >= limits.PROGRESS_SILENT_S:
        return f"{place(progress)}, but nothing more was heard for {duration(silent)}"
    left = progress.left_s(now)
    return place(progress) if left is None else f"{place(progress)}, about {duration(left)} left"


def safe(chunks: Chunks) -> str:
    """What the next run needs not do again: `41,200 are committed, 3 of them failed and 2 were skipped`."""
    parts = [f"{chunks.failed:,} of them failed"] if chunks.failed else []
    if chunks.skipped:
        parts.append(f"{chunks.skipped:,} were skipped")
    rest = ", " + " and ".join(parts) if parts else ""
    return f"{many(chunks.committed, 'item is', 'items are')} committed{rest}"
