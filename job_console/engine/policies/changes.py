"""What a policy would have changed for the jobs of the last day, and what it changes for waiting jobs, in sentences.

Computed from the statistics of the methods that it matches, on all sites of the bench. These have buckets of durations,
so the number of runs that took longer than a limit is an "about".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ..history import statistics
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
        kept.append("they hold no unique key by this change, so one more of each may still be enqueued")
    first = f"{many(of_all, 'job waits', 'jobs wait')} already."
    if of_all > len(waiting):
        first = f"{first} Of the first {len(waiting)}:"
    sentences = [first, *(sentence[0].upper() + sentence[1:] + "." for sentence in kept)]
    return [*sentences, "Everything else that it says is obeyed from the moment at which they start."]


def _moved(policy: Policy, lanes: Mapping[str, Counter[str]]) -> Iterator[str]:
    by_lane = Counter({_label(lane): _runs(counters) for lane, counters in lanes.items()})
    elsewhere = {lane: runs for lane, runs in by_lane.most_common() if lane != policy.queue and runs}
    if policy.queue and elsewhere:
        from_where = ", ".join(f"{runs:,} from {lane}" for lane, runs in elsewhere.items())
        moved = many(sum(elsewhere.values()), "run", "runs")
        yield f"{moved} of {by_lane.total():,} would have gone to {policy.queue} instead: {from_where}."


def _lasted(policy: Policy, total: Counter[str]) -> Iterator[str]:
    if policy.timeout_s:
        if stopped := _longer(total, "r", policy.timeout_s):
            longer = f"took longer than {duration(policy.timeout_s)}"
            yield f"About {many(stopped, 'run')} {longer}, and would have been stopped."
        elif not total["t"]:
            yield f"No run that ended well took longer than {duration(policy.timeout_s)}."
    if total["t"] and policy.timeout_s:
        was = "was" if total["t"] == 1 else "were"
        yield f"{many(total['t'], 'run')} {was} stopped by another timeout."
    if policy.overruns_s and (over := _longer(total, "r", policy.overruns_s)):
        yield f"About {many(over, 'run')} would have been reported as overrunning ({duration(policy.overruns_s)})."


def _waited(policy: Policy, total: Counter[str]) -> Iterator[str]:
    if policy.longest_wait_s and (late := _longer(total, "w", policy.longest_wait_s)):
        yield f"About {many(late, 'run')} waited longer than {duration(policy.longest_wait_s)}, which is reported."


def _failed(policy: Policy, total: Counter[str]) -> Iterator[str]:
    failed = total["f"] + total["t"]
    if policy.attempts > 1 and failed:
        limited = ", where the exception allows it" if policy.retry_on or policy.never_on else ""
        yield f"{many(failed, 'run')} failed, and would have been tried again{limited}: {policy.attempts} times in all."


def _stay(policy: Policy, waiting: Sequence[Job]) -> Iterator[str]:
    elsewhere = Counter(_label(job.queue) for job in waiting if _label(job.queue) != policy.queue)
    if policy.queue and elsewhere:
        where = ", ".join(f"{count:,} in {lane}" for lane, count in elsewhere.most_common())
        yield f"they stay where they stand ({where}); Job Monitor moves them to {policy.queue}"


def _keep_time(policy: Policy, waiting: Sequence[Job]) -> Iterator[str]:
    other = Counter(job.timeout_s for job in waiting if job.timeout_s and job.timeout_s != policy.timeout_s)
    if policy.timeout_s and other:
        keep = ", ".join(f"{count:,} of {duration(seconds or 0)}" for seconds, count in other.most_common(5))
        yield f"they keep the timeout that they were given ({keep})"


def _longer(total: Counter[str], kind: str, seconds: float) -> int:
    """How many took longer than `seconds`, counted in whole buckets; the bucket that holds `seconds` is left out."""
    found = statistics.histogram(total, kind)
    return sum(count for number, count in found.items() if number and statistics.upper_end(number - 1) >= seconds)


def _runs(counters: Counter[str]) -> int:
    return counters["k"] + counters["f"] + counters["t"]


def _label(lane: str) -> str:
    return lane.rpartition(":")[2]
