"""What a policy would have changed for the jobs of the last day, and what it changes for waiting jobs, in sentences.

Computed from the statistics of the methods that it matches, on all sites of the bench. These have buckets of durations,
so the number of runs that took longer than a limit is an "about".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ..history import statistics
from ..messages import Message, _, joined
from ..models.jobs import Job
from ..models.policies import Policy
from ..wording import duration, many


def of_last_day(policy: Policy, lanes: Mapping[str, Counter[str]]) -> list[str]:
    """`lanes`: the counters of each, as `statistics.last_day` gives them."""
    total: Counter[str] = Counter()
    for counters in lanes.values():
        total.update(counters)
    if not total:
        return []
    return [*_moved(policy, lanes), *_lasted(policy, total), *_waited(policy, total), *_failed(policy, total)]


def for_waiting(policy: Policy, waiting: Sequence[Job], of_all: int) -> list[str]:
    """`waiting`: the first of `of_all` that wait now and that the policy is for."""
    if not waiting:
        return []
    kept = [*_stay(policy, waiting), *_keep_time(policy, waiting)]
    if policy.key:
        kept.append(_("They hold no unique key by this change, so one more of each may still be enqueued."))
    first = many(of_all, _("{count:,} job waits already."), _("{count:,} jobs wait already."))
    if of_all > len(waiting):
        first = joined((first, _("Of the first {count}:").format(count=len(waiting))))
    return [first, *kept, _("Everything else that it says is obeyed from the moment at which they start.")]


def _counted(runs: int) -> Message:
    return many(runs, _("{count:,} run"), _("{count:,} runs"))


def _moved(policy: Policy, lanes: Mapping[str, Counter[str]]) -> Iterator[str]:
    by_lane = Counter({_label(lane): _runs(counters) for lane, counters in lanes.items()})
    elsewhere = {lane: runs for lane, runs in by_lane.most_common() if lane != policy.queue and runs}
    if policy.queue and elsewhere:
        from_where = joined(
            [_("{runs:,} from {lane}").format(runs=runs, lane=lane) for lane, runs in elsewhere.items()], ", "
        )
        moved = _counted(sum(elsewhere.values()))
        yield _("{moved} of {total:,} would have gone to {queue} instead: {from_where}.").format(
            moved=moved, total=by_lane.total(), queue=policy.queue, from_where=from_where
        )


def _lasted(policy: Policy, total: Counter[str]) -> Iterator[str]:
    if policy.timeout_s:
        if stopped := _longer(total, "r", policy.timeout_s):
            text = _("About {runs} took longer than {duration}, and would have been stopped.")
            yield text.format(runs=_counted(stopped), duration=duration(policy.timeout_s))
        elif not total["t"]:
            yield _("No run that ended well took longer than {duration}.").format(duration=duration(policy.timeout_s))
    if total["t"] and policy.timeout_s:
        yield many(
            total["t"],
            _("{count:,} run was stopped by another timeout."),
            _("{count:,} runs were stopped by another timeout."),
        )
    if policy.overruns_s and (over := _longer(total, "r", policy.overruns_s)):
        yield _("About {runs} would have been reported as overrunning ({duration}).").format(
            runs=_counted(over), duration=duration(policy.overruns_s)
        )


def _waited(policy: Policy, total: Counter[str]) -> Iterator[str]:
    if policy.longest_wait_s and (late := _longer(total, "w", policy.longest_wait_s)):
        yield _("About {runs} waited longer than {duration}, which is reported.").format(
            runs=_counted(late), duration=duration(policy.longest_wait_s)
        )


def _failed(policy: Policy, total: Counter[str]) -> Iterator[str]:
    failed = total["f"] + total["t"]
    if policy.attempts > 1 and failed:
        limited = _(", where the exception allows it") if policy.retry_on or policy.never_on else ""
        yield _("{runs} failed, and would have been tried again{limited}: {attempts} times in all.").format(
            runs=_counted(failed), limited=limited, attempts=policy.attempts
        )


def _stay(policy: Policy, waiting: Sequence[Job]) -> Iterator[str]:
    elsewhere = Counter(_label(job.queue) for job in waiting if _label(job.queue) != policy.queue)
    if policy.queue and elsewhere:
        where = joined(
            [_("{count:,} in {lane}").format(count=count, lane=lane) for lane, count in elsewhere.most_common()], ", "
        )
        yield _("They stay where they stand ({where}); Job Monitor moves them to {queue}.").format(
            where=where, queue=policy.queue
        )


def _keep_time(policy: Policy, waiting: Sequence[Job]) -> Iterator[str]:
    other = Counter(job.timeout_s for job in waiting if job.timeout_s and job.timeout_s != policy.timeout_s)
    if policy.timeout_s and other:
        keep = joined(
            [
                _("{count:,} of {duration}").format(count=count, duration=duration(seconds or 0))
                for seconds, count in other.most_common(5)
            ],
            ", ",
        )
        yield _("They keep the timeout that they were given ({keep}).").format(keep=keep)


def _longer(total: Counter[str], kind: str, seconds: float) -> int:
    """How many took longer than `seconds`, counted in whole buckets; the bucket that holds `seconds` is left out."""
    found = statistics.histogram(total, kind)
    return sum(count for number, count in found.items() if number and statistics.upper_end(number - 1) >= seconds)


def _runs(counters: Counter[str]) -> int:
    return counters["k"] + counters["f"] + counters["t"]


def _label(lane: str) -> str:
    return lane.rpartition(":")[2]
