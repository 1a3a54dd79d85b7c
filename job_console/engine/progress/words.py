"""Progress in plain English."""

from __future__ import annotations

from datetime import datetime

from ..messages import _, joined
from ..models.progress import Chunks, Progress
from ..wording import duration, many
from . import limits


def place(progress: Progress) -> str:
    """`41,230 of 80,000 (recalculating)`, `40 %`, `17 so far`."""
    if progress.from_frappe:
        where = (
            _("{done:.0f} %").format(done=progress.done)
            if progress.total == 100
            else _("{done:,.0f} of {total:,.0f}").format(done=progress.done, total=progress.total)
        )
    elif progress.total is None:
        where = _("{done:,.0f} so far").format(done=progress.done)
    else:
        where = _("{done:,.0f} of {total:,.0f}").format(done=progress.done, total=progress.total)
    return joined((where, f"({progress.text})")) if progress.text else where


def so_far(progress: Progress, now: datetime) -> str:
    """`41,230 of 80,000`, beside what says how much time it has; for what has not reported for long, since when."""
    silent = progress.silent_s(now) or 0.0
    if silent < limits.PROGRESS_SILENT_S:
        return place(progress)
    return _("{place}, but nothing more was heard for {duration}").format(
        place=place(progress), duration=duration(silent)
    )


def going(progress: Progress, now: datetime) -> str:
    """`41,230 of 80,000, about 6 min left`; for what has not reported for long, since when."""
    left = progress.left_s(now)
    if left is None or (progress.silent_s(now) or 0.0) >= limits.PROGRESS_SILENT_S:
        return so_far(progress, now)
    return _("{place}, about {duration} left").format(place=place(progress), duration=duration(left))


def safe(chunks: Chunks) -> str:
    """What the next run needs not do again: `41,200 are committed, 3 of them failed and 2 were skipped`."""
    committed = many(chunks.committed, _("{count:,} item is committed"), _("{count:,} items are committed"))
    if chunks.failed and chunks.skipped:
        text = _("{committed}, {failed:,} of them failed and {skipped:,} were skipped")
    elif chunks.failed:
        text = _("{committed}, {failed:,} of them failed")
    elif chunks.skipped:
        text = _("{committed}, {skipped:,} were skipped")
    else:
        return committed
    return text.format(committed=committed, failed=chunks.failed, skipped=chunks.skipped)
