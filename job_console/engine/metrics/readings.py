"""What one scrape reads: a snapshot, as JSON has it for this viewer, and what was counted today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone

from ..diagnosis.detectors.schedules import fresh
from ..models.bench import Bench
from ..redis.link import reaching_redis
from ..service import Engine, Viewer
from ..wire import Json
from .day import DayReader, Runs


@dataclass(frozen=True, slots=True)
class Scheduler:
    """Of one site: whether it lets its scheduler run, and for how long that has not ticked (None: not known)."""

    running: bool
    tick_age_s: float | None


@dataclass(frozen=True, slots=True)
class Readings:
    snapshot: Json
    schedulers: Mapping[str, Scheduler] = field(default_factory=dict)
    #: Of a whole bench.
    runs: Runs | None = None
    #: Of one site alone: runs of the day by method, and its open incidents by severity.
    site: str | None = None
    site_runs: Mapping[str, int] = field(default_factory=dict)
    incidents: Mapping[str, int] = field(default_factory=dict)


class BenchReader:
    """For the operators of a whole bench. Called for each scrape; the look is that of all its viewers."""

    def __init__(self, engine: Engine, viewer: Viewer) -> None:
        self.engine = engine
        self.viewer = viewer
        self._day = DayReader(engine.redis, engine.watch.queue_prefix)

    def __call__(self) -> Readings:
        """Raises RedisUnavailable."""
        look = self.engine.watch.look()
        with reaching_redis():
            runs = self._day.read(look.bench.at)
        return Readings(self.engine.console(self.viewer).picture(look), _schedulers(look.bench), runs)


class SiteReader:
    """For the people of one site: nothing names another one's methods."""

    def __init__(self, engine: Engine) -> None:
        self._day = DayReader(engine.redis, engine.watch.queue_prefix)

    def read(self, snapshot: Json, site: str, count_incidents: Callable[[], Mapping[str, int]]) -> Readings:
        """`snapshot`: as this site sees the bench. Raises RedisUnavailable."""
        at = _moment(snapshot["at"])
        with reaching_redis():
            runs = self._day.read_site(site, at)
        known = snapshot["schedule"]
        ticked = known and known["ticked_at"]
        age = (at - _moment(ticked)).total_seconds() if ticked else None
        schedulers = {site: Scheduler(known["running"], age)} if known else {}
        return Readings(snapshot, schedulers, site=site, site_runs=runs, incidents=count_incidents())


def _schedulers(bench: Bench) -> dict[str, Scheduler]:
    """Of the sites whose schedule was read lately: of the others nothing is known."""
    return {
        schedule.site: Scheduler(
            schedule.running, (bench.at - schedule.ticked_at).total_seconds() if schedule.ticked_at else None
        )
        for schedule in fresh(bench)
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)
