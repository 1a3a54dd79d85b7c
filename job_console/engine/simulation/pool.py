"""A bench's workers and their queues, event by event: who waits for how long.

As RQ does it: a worker that is free takes the first job of the first of its queues that has one, else it waits for all
of them; a new job goes to the worker that has waited longest of those that serve its queue (BLPOP's order). Every run
costs its worker, besides its own time, a horse: `start_s` until it starts, which is part of the waiting, and the
pace's `after_s`.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TypeAlias

#: When it comes (seconds), its queue (a number), how long it runs, and how long its horse takes to start.
Arrival: TypeAlias = tuple[float, int, float, float]
#: For each worker the numbers of its queues, the first one first.
Crew: TypeAlias = Sequence[Sequence[int]]
#: Which queue a worker looks at first: RQ's dequeue strategies.
STRATEGIES = ("default", "round_robin", "random")


@dataclass(frozen=True, slots=True)
class Pace:
    """What the workers of a bench have in common."""

    #: From the end of a run until the worker looks into its queues again.
    after_s: float = 0.0
    strategy: str = STRATEGIES[0]


@dataclass(frozen=True, slots=True)
class Played:
    #: By queue, in the order in which its jobs started.
    waits: list[list[float]]
    #: By queue: jobs that nobody ever takes.
    unserved: list[int]
    #: Seconds that all workers together were busy.
    busy_s: float
    #: Until the last run ended.
    until: float


def play(arrivals: Sequence[Arrival], crew: Crew, queues: int, pace: Pace) -> Played:
    """`arrivals` in order of time. All workers are idle at first, and go on until nothing waits that they serve."""
    waits: list[list[float]] = [[] for _queue in range(queues)]
    waiting: list[deque[Arrival]] = [deque() for _queue in range(queues)]
    order = [list(each) for each in crew]
    serves = [frozenset(each) for each in crew]
    idle = list(range(len(crew)))
    #: (when it is free, worker)
    ends: list[tuple[float, int]] = []
    dice = random.Random(1)
    after_s, strategy = pace.after_s, pace.strategy
    busy = until = 0.0

    def take(worker: int, job: Arrival, now: float) -> None:
        nonlocal busy, until
        at, queue, run_s, start_s = job
        waits[queue].append(now - at + start_s)
        took = start_s + run_s + after_s
        busy += took
        until = max(until, now + took)
        heappush(ends, (now + took, worker))
        if strategy == "round_robin":
            place = order[worker].index(queue) + 1
            order[worker] = order[worker][place:] + order[worker][:place]
        elif strategy == "random":
            dice.shuffle(order[worker])

    def free_until(moment: float) -> None:
        while ends and ends[0][0] <= moment:
            now, worker = heappop(ends)
            for queue in order[worker]:
                if waiting[queue]:
                    take(worker, waiting[queue].popleft(), now)
                    break
            else:
                idle.append(worker)

    for job in arrivals:
        at, queue = job[0], job[1]
        free_until(at)
        for worker in idle:
            if queue in serves[worker]:
                idle.remove(worker)
                take(worker, job, at)
                break
        else:
            waiting[queue].append(job)
    free_until(float("inf"))
    return Played(waits, [len(each) for each in waiting], busy, until)
