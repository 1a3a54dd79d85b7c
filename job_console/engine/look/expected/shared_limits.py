"""Groups waiting jobs by the concurrency limit that they share, with those that wait for a place already. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from ...concurrency import places
from ...concurrency.places import Bound
from ...models.bench import Bench, Lane
from ...models.jobs import Call
from .. import limits
from .durations import Durations
from .simulation import Group
from .waiting_work import Kind


class Limits:
    """The limits of one look: call `count` for all jobs, then `of`. A limit is a group, with a number, only when more
    jobs are under it than may run at once.
    """

    def __init__(self, bench: Bench, known: Mapping[str, Durations]) -> None:
        self.bench, self.known = bench, known
        self._any = bool(bench.pace.places) or any(
            policy.limit is not None for each in bench.policies.policy_sets.values() for policy in each.policies
        )
        #: By the limit's name: how many wait and run, how many of these run, how many may, how long they take.
        self._jobs: dict[str, float] = {}
        self._held: Counter[str] = Counter()
        self._runs: dict[str, int] = {}
        self._kinds: dict[str, list[Durations | None]] = {}
        self._aside: dict[tuple[str, int], int] = {}

    def count(self, call: Call, lane: str, jobs: float = 1.0) -> None:
        """Count one waiting job, which stands for `jobs` of them."""
        bound = self._bound(call, lane, jobs)
        if bound is not None:
            self._add(bound.name, bound.runs, jobs, self.known.get(call.method))

    def count_held(self, call: Call, lane: str) -> None:
        bound = self._bound(call, lane)
        if bound is not None:
            self._add(bound.name, bound.runs, 1.0)
            self._held[bound.name] += 1

    def count_aside(self, lanes: Sequence[Lane | None]) -> None:
        """Count the parked jobs that wait for a place; they return to the front of their lanes."""
        for number, lane in enumerate(lanes):
            rows = [job for job in lane.parked if places.place_of(job)] if lane else []
            cut = lane is not None and len(lane.parked) >= limits.PARKED_ROWS
            for name, count in Counter(map(places.place_of, rows)).items():
                waits = self.bench.pace.places.get(name)
                if waits is None:
                    continue
                self._aside[name, number] = max(count, waits.count if cut else 0)
                self._add(name, waits.runs, self._aside[name, number])
                self._kinds[name] += [self.known.get(job.call.method) for job in rows if places.place_of(job) == name]

    def _add(self, name: str, runs: int, jobs: float, *kinds: Durations | None) -> None:
        self._runs[name] = runs
        self._jobs[name] = self._jobs.get(name, 0.0) + jobs
        self._kinds.setdefault(name, []).extend(kinds)

    def _bound(self, call: Call, lane: str, jobs: float = 1.0) -> Bound | None:
        if not self._any:
            return None
        site = call.site or ""
        policy_set = self.bench.policies.policy_sets.get(site)
        policy = policy_set.of(call) if policy_set else None
        if policy is not None and policy.limit is not None:
            # One of many that were not looked at says nothing of their keys.
            return places.of_policy(policy, call, site) if policy.limit.per != "key" or jobs == 1.0 else None
        # The bench's own limit for each site is known while somebody waits for it.
        name = places.of_lane(lane.rpartition(":")[2], 1, site).name
        waits = self.bench.pace.places.get(name)
        return None if waits is None else Bound(name, waits.runs, "")

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """The numbers of the limits that have more waiting and running jobs than may run at once."""
        binding = [name for name, jobs in self._jobs.items() if jobs > self._runs[name]]
        return {name: number for number, name in enumerate(binding)}

    def of(self, call: Call, lane: str, jobs: float = 1.0) -> int | None:
        """The number of the group that the call belongs to. None: no known limit delays it."""
        bound = self._bound(call, lane, jobs)
        return self._numbers.get(bound.name) if bound is not None else None

    def kind(self, call: Call, lane: str, jobs: float = 1.0) -> Kind:
        return Kind(self.known.get(call.method), self.of(call, lane, jobs))

    def groups(self) -> list[Group]:
        return [
            Group(
                max(self._runs[name] - self._held[name], 0),
                tuple(self._kinds[name]),
                {line: count for (each, line), count in self._aside.items() if each == name},
            )
            for name in self._numbers
        ]
