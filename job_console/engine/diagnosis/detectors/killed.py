"""`killed`: failed because its process was killed (out of memory, a signal), not by an exception.

RQ's worker records it when its horse ends without an outcome ("Work-horse terminated unexpectedly; waitpid returned
9"), and a later one when it finds a run whose lease has ended (AbandonedJobError). Only the last hour counts, and one
method's kills are one warning.

Wrong if: its process lives on without its worker and ends well later: then its record says finished, and it is left
out.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...look import limits as look_limits
from ...messages import _, joined
from ...models.bench import Bench, FailedRun
from ...models.progress import Progress
from ...models.warnings import Remedy, Warning
from ...progress import words
from ...rq.records import KILLS, TERMINATED
from ...stacks import post_mortem
from ...wording import duration, many
from .. import process_end
from .failures import at_least, by_method

RETRY = Remedy(
    "retry",
    _("Run the last one again"),
    _("It runs from its beginning. What the killed run already did elsewhere stays done, and may be done twice."),
    safe=False,
)
RESUME = Remedy("retry", _("Resume it"), _("It goes on after the last chunk that it committed: nothing is done twice."))


def detect(bench: Bench) -> Iterator[Warning]:
    kills = [failed for failed in bench.failed_lately if failed.type in KILLS]
    for newest, runs in by_method(kills, bench.at, look_limits.KILLED_LATELY_S):
        more = at_least(bench, runs, look_limits.KILLED_LATELY_S)
        yield Warning(
            code="killed",
            severity="warning",
            queue=newest.queue,
            job_id=newest.job_id,
            site=newest.site,
            since=runs[-1].at,
            message=joined((_killed(bench, newest, len(runs), more), *_stood(newest))),
            evidence={
                "method": newest.method,
                "kills": len(runs),
                "at_least": more,
                "type": newest.type,
                "newest_at": newest.at.isoformat(),
                "jobs": [failed.job_id for failed in runs[:5]],
                "done": newest.progress.done if newest.progress else None,
                "total": newest.progress.total if newest.progress else None,
                "peak_memory_bytes": newest.remains.after.process.peak_bytes if newest.remains else None,
                "out_of_memory": newest.remains.out_of_memory if newest.remains else None,
            },
            remedies=(RESUME if goes_on(newest.progress) else RETRY,),
            about=newest.method,
        )


def goes_on(progress: Progress | None) -> bool:
    """Tried again, it begins behind what it has committed."""
    return progress is not None and progress.chunks is not None and progress.chunks.committed > 0


def _stood(failed: FailedRun) -> list[str]:
    """`4 s before its end it held 1.9 GB …`, `It had come to 41,230 of 80,000.`"""
    reported = [post_mortem.words(failed.remains, failed.at)] if failed.remains else []
    return reported + (
        [_("It had come to {place}.").format(place=words.place(failed.progress))] if failed.progress else []
    )


def _killed(bench: Bench, newest: FailedRun, count: int, more: bool) -> str:
    ago = duration((bench.at - newest.at).total_seconds())
    known = process_end.cause(newest.type, newest.message)
    why = joined((known, "."), "") if known else newest.message or newest.type
    left = newest.type == TERMINATED and not process_end.was_killed(newest.message)
    once, often = _LEFT if left else _KILLED
    if count == 1 and not more:
        return once.format(method=newest.method, duration=ago, message=why)
    times = many(count, _("{count:,} time"), _("{count:,} times"), at_least=more)
    return often.format(method=newest.method, times=times, duration=ago, message=why)


#: Once, and several times.
_KILLED = (
    _("{method} was killed in the last hour, most recently {duration} ago: {message}"),
    _("{method} was killed {times} in the last hour, most recently {duration} ago: {message}"),
)
_LEFT = (
    _("{method} lost its process in the last hour, most recently {duration} ago: {message}"),
    _("{method} lost its process {times} in the last hour, most recently {duration} ago: {message}"),
)
