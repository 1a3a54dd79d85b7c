"""Which policy is for a job: its method's own, then its schedule's, then the glob with the most letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .policies import Policy

if TYPE_CHECKING:
    from .jobs import Call, Job

#: Answers cached per set. A bench has some hundreds of methods; more would be made-up names.
_REMEMBERED = 10_000


class PolicySet:
    """The policies of one site, laid out so that a job's is found without going through all of them."""

    def __init__(
        self, policies: Iterable[Policy] = (), after_commit: bool = False, hides_own_jobs: bool = False
    ) -> None:
        """`after_commit`: as a policy's, for all jobs of the site. `hides_own_jobs`: users are not shown theirs."""
        self.after_commit = after_commit
        self.hides_own_jobs = hides_own_jobs
        self.policies = tuple(sorted(policies, key=lambda policy: policy.name))
        self._methods = {each.pattern: each for each in self.policies if each.kind == "method"}
        schedules = [each for each in self.policies if each.kind == "schedule"]
        self._records = {each.pattern: each for each in schedules}
        self._scheduled = {each.scheduled_method: each for each in schedules}
        self._globs = by_precision([each for each in self.policies if each.kind == "glob"])
        self._known: dict[tuple[str, str | None, bool], Policy | None] = {}

    def of(self, call: Call) -> Policy | None:
        asked = (call.method, call.scheduled_job, call.kind == "scheduled")
        if asked not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[asked] = self._find(*asked)
        return self._known[asked]

    def _find(self, method: str, record: str | None, scheduled: bool) -> Policy | None:
        found = self._methods.get(method)
        if found is None and record is not None:
            found = self._records.get(record)
        elif found is None and scheduled:
            found = self._scheduled.get(method)
        return found or next((each for each in self._globs if fits(each.pattern, method)), None)


def by_precision(globs: Iterable[Policy]) -> Sequence[Policy]:
    """The glob that says most comes first; names decide between equals, so that the answer is always the same one."""
    return sorted(globs, key=lambda policy: (-len(policy.pattern.replace("*", "")), policy.name))


def fits(glob: str, name: str) -> bool:
    """`*` stands for any letters, also none; nothing else is special. Without backtracking: it cannot be made slow."""
    first, *middle = glob.split("*")
    if not middle:
        return glob == name
    last = middle.pop()
    if len(name) < len(first) + len(last) or not name.startswith(first) or not name.endswith(last):
        return False
    place, end = len(first), len(name) - len(last)
    for piece in middle:
        place = name.find(piece, place, end)
        if place < 0:
            return False
        place += len(piece)
    return True


@dataclass(frozen=True, slots=True)
class Policies:
    """Those of every site."""

    policy_sets: Mapping[str, PolicySet] = field(default_factory=dict)

    def of(self, job: Job) -> Policy | None:
        policy_set = self.policy_sets.get(job.site or "")
        return policy_set.of(job.call) if policy_set else None
