"""One cause, one warning: findings about jobs of one method that met the same fate in the same lane are one warning.

Detectors, proof and `mend` go by single jobs; what people see goes by groups. The warning of a group is about its
oldest job, its evidence says how many there are (`count`, and `at_least` where only a part was looked at) and names the
first of them (`job_ids`). Its id does not change when jobs join or leave it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..look import limits as look_limits
from ..messages import _, joined
from ..models.bench import Bench
from ..models.warnings import GROUPED, Remedy, Warning
from ..wording import duration, many
from . import limits

#: Code → what is true of all of them: `12 jobs of METHOD …`.
_SAID = {
    "ghost_queued": _(
        "{jobs} {of_method} are ghosts: their records say queued, but they stand in no queue. They will never run, and "
        "their ids refuse the same work."
    ),
    "ghost_started": _(
        "{jobs} {of_method} are ghosts: their records say started, but no worker runs them. They will never run, and "
        "their ids refuse the same work."
    ),
    "in_limbo": _("{jobs} {of_method} were taken from {lane} but never started: their workers died in between."),
    "orphan_id": _("{jobs} {of_method} in {lane} have no record any more: that work is lost."),
    "worker_lost": _("{jobs} {of_method} lost their workers."),
    "undecodable": _("{jobs} {of_method} in {lane} cannot be read: no worker with RQ's own serializers can run them."),
    "blocked_dependency": _("{jobs} {of_method} wait for ever: what they depend on has not ended well."),
    "scheduled_overdue": _("{jobs} {of_method} were due, and nothing moves them to {lane}."),
    "duplicated": _("{jobs} {of_method} will run more than once."),
    "overrunning": _("{jobs} {of_method} run far longer than they should."),
    "past_timeout": _("{jobs} {of_method} run beyond their timeout: their alarms did not fire."),
    "timeout_near": _("{jobs} {of_method} will be stopped by their timeout soon."),
}

#: Of what is `undecodable` because RQ cannot load the record.
_ENDS_WORKERS = _("{jobs} {of_method} in {lane} end each worker that takes one: RQ cannot load their records.")


@dataclass(frozen=True, slots=True)
class Group:
    """`warning` stands for all of `members`."""

    warning: Warning
    members: tuple[Warning, ...]

    def job_ids(self, action: str) -> list[str]:
        """Those of its jobs to which this remedy is offered."""
        offered = (each for each in self.members if any(remedy.action == action for remedy in each.remedies))
        return list(dict.fromkeys(each.job_id for each in offered if each.job_id))


def of(warnings: Iterable[Warning], bench: Bench) -> list[Group]:
    """In the order of the first of each."""
    found: dict[str, list[Warning]] = {}
    for warning in warnings:
        found.setdefault(warning.id if _one_of_many(warning) else repr(warning.subject), []).append(warning)
    return [_group(members, bench) for members in found.values()]


def merged(warnings: Iterable[Warning], bench: Bench) -> list[Warning]:
    return [group.warning for group in of(warnings, bench)]


def _one_of_many(warning: Warning) -> bool:
    return warning.code in GROUPED and warning.about is None and warning.job_id is not None


def _group(members: list[Warning], bench: Bench) -> Group:
    if len(members) == 1:
        return Group(members[0], tuple(members))
    oldest = min(members, key=lambda each: each.since or bench.at)
    at_least = _cut(oldest, bench)
    evidence = {
        **_common(members),
        "count": len(members),
        "at_least": at_least,
        "job_ids": [each.job_id for each in members[: limits.GROUP_IDS]],
    }
    workers = {each.worker for each in members}
    return Group(
        replace(
            oldest,
            worker=workers.pop() if len(workers) == 1 else None,
            message=_message(oldest, len(members), at_least, bench),
            evidence=evidence,
            remedies=_remedies(members),
        ),
        tuple(members),
    )


def _message(oldest: Warning, count: int, at_least: bool, bench: Bench) -> str:
    lane = (oldest.queue or "").rpartition(":")[2]
    method = oldest.evidence.get("method")
    of_what = _("of {method}").format(method=method) if isinstance(method, str) and method else ""
    one, more = _("{count:,} job"), _("{count:,} jobs")
    if oldest.code == "orphan_id":
        one, more = _("{count:,} id"), _("{count:,} ids")
    jobs = many(count, one, more)
    if at_least:
        jobs = _("At least {many}").format(many=jobs)
    text = _ENDS_WORKERS if oldest.evidence.get("ends_workers") else _SAID[oldest.code]
    said = text.format(jobs=jobs, of_method=of_what, lane=lane)
    if oldest.since is None:
        return said
    age = duration((bench.at - oldest.since).total_seconds())
    return joined((said, _("The oldest: {duration}.").format(duration=age)))


def _common(members: list[Warning]) -> Mapping[str, Any]:
    """What is true of all of them."""
    first, others = members[0].evidence, members[1:]
    return {name: value for name, value in first.items() if all(each.evidence.get(name) == value for each in others)}


def _remedies(members: list[Warning]) -> tuple[Remedy, ...]:
    """Of all of them; safe only where it is for each."""
    found: dict[str, Remedy] = {}
    for remedy in (remedy for each in members for remedy in each.remedies):
        known = found.setdefault(remedy.action, remedy)
        found[remedy.action] = replace(known, safe=known.safe and remedy.safe)
    return tuple(found.values())


def _cut(warning: Warning, bench: Bench) -> bool:
    """Whether there may be more of them than were looked at."""
    lane = bench.lane(warning.queue or "")
    if warning.code in ("ghost_queued", "ghost_started"):
        # What sweeps tell each other is a part of them, and so is what was met before the survey's end.
        partly = bench.surveyed.of > 0 and bench.surveyed.share != 1.0
        reported = look_limits.SUSPECTS if bench.surveyed.whole_by_sweeps else look_limits.GHOSTS
        return partly or len(bench.ghosts) >= reported
    if lane is None:
        return False
    looked = {
        "in_limbo": len(lane.intermediate) >= look_limits.INTERMEDIATE_ROWS,
        "scheduled_overdue": len(lane.overdue) >= look_limits.OVERDUE_ROWS,
        "blocked_dependency": lane.counts.deferred > len(lane.deferred),
        **dict.fromkeys(
            ("worker_lost", "overrunning", "past_timeout", "timeout_near"), lane.counts.started > len(lane.running)
        ),
    }
    return looked.get(warning.code, lane.counts.queued > len(lane.head) + len(lane.orphans))
