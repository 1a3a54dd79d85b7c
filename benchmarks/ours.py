"""Job Console measures itself, and its floor: the same commands in bare pipelines, whose answers nobody looks at.

Arguments: a JSON object. Prints one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

if "--no-hiredis" in sys.argv:
    sys.modules["hiredis"] = None  # type: ignore[assignment]  # as if it were not installed

import probe
import redis
import work

from job_console.engine.look.reader import JobReader
from job_console.engine.redis.link import connect
from job_console.engine.service import Console, Engine, Viewer
from job_console.engine.watch import limits as watch_limits
from job_console.engine.watch.watch import SURVEY_EVERY_S, Watch


class Clock:
    """A watch looks again when its clock says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Ours:
    def __init__(self, port: int, lane: str, depth: int, site: str) -> None:
        self.port, self.lane, self.depth = port, lane, depth
        self.clock = Clock()
        self.engine = Engine(connect(f"redis://127.0.0.1:{port}"))
        self.engine.watch = Watch(self.engine.redis, self.engine.reader, clock=self.clock)
        # Who sees the whole bench (operator console), and who sees one site's jobs (desk).
        self.operator = self.engine.console(Viewer("benchmark"))
        self.desk = self.engine.console(Viewer("benchmark", site=site))
        self.bare = redis.Redis(port=port)
        self.bare.response_callbacks.clear()

    def looks(self) -> dict[str, Any]:
        found = {"snapshot": self._against_floor(self.operator.snapshot, self._look_due)}
        last = self.depth // 20
        for name, number in (("first", 1), ("middle", last // 2), ("deep", last)):
            call = self._page(self.operator, number)
            found[f"page, {name}"] = self._against_floor(call, self._payloads_unknown)
        return found

    def variants(self) -> dict[str, Any]:
        found = {
            "snapshot, with survey": self._one(self.operator.snapshot, self._survey_due),
            "snapshot, shared": self._one(self.operator.snapshot, lambda: None),
        }
        last = self.depth // 20
        found["page, again"] = self._one(self._page(self.operator, 1), lambda: None)
        found["page, look due"] = self._one(self._page(self.operator, 1), self._all_due)
        # Three jobs in four are this site's.
        for name, number in (("first", 1), ("middle", last * 35 // 100), ("deep", last * 70 // 100)):
            found[f"page of one site, {name}"] = self._one(self._page(self.desk, number), self._payloads_unknown)
        return found

    def _page(self, console: Console, number: int) -> Callable[[], Any]:
        def call() -> None:
            asked = {"queue": self.lane, "status": "queued", "page": number, "size": 20}
            found = console.jobs.page(**asked)
            while found["reached"]:  # as a person does, who asks it to go on
                found = console.jobs.page(**asked, after=found["reached"]["cursor"])
            rows = len(found["jobs"])
            assert (found["page"], rows) == (number, 20), f"page {number}: {found['page']} with {rows} rows"

        return call

    def _look_due(self) -> None:
        """A second has passed; the survey was a moment ago."""
        self.clock.now += watch_limits.SNAPSHOT_TTL_S
        self.engine.watch._ghosts_at = self.clock.now

    def _survey_due(self) -> None:
        self.clock.now += SURVEY_EVERY_S

    def _payloads_unknown(self) -> None:
        """Jobs that nobody has looked at yet: their payloads must be decoded."""
        self.engine.reader = JobReader(self.engine.redis)

    def _all_due(self) -> None:
        self._payloads_unknown()
        self._survey_due()

    def _one(self, call: Callable[[], Any], before: Callable[[], Any]) -> dict[str, Any]:
        return probe.measure(call, self.port, before=before).json()

    def _against_floor(self, call: Callable[[], Any], before: Callable[[], Any]) -> dict[str, Any]:
        before()
        with probe.listening(self.port) as sent:
            call()
        rounds = list(sent)
        own, floor = probe.repeat([call, lambda: self._replay(rounds)], 200, 2.0, before)
        measured = probe.measure(call, self.port, before=before, times=own).json()
        median, p99 = probe.spread(floor)
        return {**measured, "floor_ms": median, "floor_p99_ms": p99}

    def _replay(self, rounds: probe.Rounds) -> None:
        for commands in rounds:
            pipeline = self.bare.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command)
            pipeline.execute(raise_on_error=False)

    def search(self, method: str) -> dict[str, Any]:
        """All queued jobs of one lane, slice by slice, as a page does it."""
        self._payloads_unknown()
        self.clock.now += SURVEY_EVERY_S
        self.operator.snapshot()
        began, first, hits, slices, cursor = perf_counter(), None, 0, 0, None
        while True:
            found = self.operator.jobs.search(method=method, queue=self.lane, status="queued", cursor=cursor)
            slices += 1
            hits += len(found["jobs"])
            if found["jobs"] and first is None:
                first = (perf_counter() - began) * 1000
            cursor = found["cursor"]
            if cursor is None:
                break
        total = (perf_counter() - began) * 1000
        return {"first_ms": first, "total_ms": total, "hits": hits, "slices": slices}

    def searches(self) -> dict[str, Any]:
        found = {}
        for method in (work.WANTED, work.RARE, "*sync_stock"):
            rows = [self.search(method) for _ in range(5)]
            row = sorted(rows, key=lambda each: each["total_ms"])[len(rows) // 2]
            cost = probe.measure(lambda method=method: self.search(method), self.port, runs=3, times=[0.0] * 3)
            found[method] = {**row, "slowest_ms": cost.slowest_ms, "slowest": cost.slowest}
        return found


def main() -> None:
    asked = json.loads(sys.argv[1])
    before = probe.rss_mb()
    ours = Ours(asked["port"], asked["lane"], asked["depth"], asked["site"])
    found: dict[str, Any] = {"hiredis": redis.utils.HIREDIS_AVAILABLE}
    if asked["search"]:
        found["search"] = ours.searches()
    found.update(ours.looks())
    if "--no-hiredis" not in sys.argv:
        found.update(ours.variants())
    found["rss_mb"], found["grown_mb"] = probe.rss_mb(), probe.rss_mb() - before
    print(json.dumps(found))


if __name__ == "__main__":
    main()
