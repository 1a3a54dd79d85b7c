"""What a viewer asks to be changed, played through the recorded load of the whole bench: workers are shared by all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import BadRequest
from ..history import statistics
from ..history.archive import BenchArchive
from ..history.reader import HistoryReader
from ..messages import _
from ..models.bench import Bench
from ..redis.link import reaching_redis
from ..simulation import changes, due, limits, load
from ..simulation.changes import Changes, Serves
from ..simulation.limits import Budget
from ..simulation.load import Load
from ..simulation.pool import STRATEGIES
from ..simulation.what_if import what_if
from ..wire import Json
from ..wire import what_if as wire
from .context import Context

#: Methods that are offered to be moved.
_OFFERED = 100


class Simulation:
    def __init__(self, context: Context) -> None:
        self._context = context

    def what_if(
        self,
        workers: str = "",
        move: str = "",
        schedule: str = "",
        keep: str = "",
        jobs: float = 90,
        strategy: str = STRATEGIES[0],
        budget: Budget = limits.OF_A_REQUEST,
    ) -> Json:
        """How long jobs of each queue wait now, and would with these changes; several are separated by `;`.

        `workers`: `short,default:+1`; `move`: `method=queue`; `schedule`: `name=cron`; `keep`: `short=10s`, with the
        least change that keeps it for `jobs` of 100 on 99 of 100 days. Raises BadRequest.
        """
        if strategy not in STRATEGIES:
            raise BadRequest(_("A strategy is one of {strategies}.").format(strategies=", ".join(STRATEGIES)))
        bench, prefix = self._context.look().bench, self._context.engine.watch.queue_prefix
        site, redis, now = self._context.scope.site, self._context.engine.redis, bench.at.timestamp()
        crew = tuple(worker.queues for worker in bench.workers if worker.takes_work and worker.queues)
        asked = _asked(bench, crew, workers, move, schedule, keep, jobs)
        times = due.times(bench.schedules.values(), bench.at, asked.schedules, site)
        with reaching_redis():
            known = load.read(HistoryReader(redis, BenchArchive(redis), None, now), prefix, now)
            seen = None if site is None else statistics.seen(redis, site, bench.at)
        offered = _methods(known, seen)
        for method in asked.moved:
            if method not in offered:
                raise BadRequest(_("No run of {method} is known.").format(method=method))
        schedules = due.names(each for each in bench.schedules.values() if site in (None, each.site))
        found = what_if(known, crew, asked, times, budget, strategy)
        return wire.what_if_json(wire.Asked(bench.at, crew, asked, known, offered[:_OFFERED], schedules), found)


def _methods(known: Load, seen: Sequence[str] | None) -> list[str]:
    """Those that run most first; `seen`: of a site its own."""
    runs: dict[str, int] = {}
    for kind in known.kinds.values():
        if kind.method != statistics.OTHERS and (seen is None or kind.method in seen):
            runs[kind.method] = runs.get(kind.method, 0) + kind.runs
    return sorted(runs, key=lambda method: (-runs[method], method))


def _asked(
    bench: Bench, crew: Sequence[Serves], workers: str, move: str, schedule: str, keep: str, jobs: float
) -> Changes:
    full = _queues(bench, crew)
    return Changes(
        changes.workers(crew, _several(workers), full),
        {method: full(queue) for method, queue in _pairs(move, "shop.mail.send=long")},
        dict(_pairs(schedule, "nightly_sync=30 2 * * *")),
        changes.goal(keep, jobs, full) if keep.strip() else None,
    )


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _pairs(text: str, example: str) -> list[tuple[str, str]]:
    return [changes.pair(part, example) for part in _several(text)]


def _queues(bench: Bench, crew: Sequence[Serves]) -> Callable[[str], str]:
    """The full name of a queue that is there, or that a worker serves, by its name or its label."""
    there = sorted({*(lane.name for lane in bench.lanes), *(queue for serves in crew for queue in serves)})

    def full(name: str) -> str:
        found = [each for each in there if each == name] or [each for each in there if each.endswith(f":{name}")]
        if len(found) != 1:
            raise BadRequest(_("There is no queue {queue}.").format(queue=name))
        return found[0]

    return full
