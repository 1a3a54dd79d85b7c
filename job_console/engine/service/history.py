"""What a viewer asks about the past: how much ran, failed, waited and cost, over minutes, hours, days or a year."""

from __future__ import annotations

from ..errors import BadRequest
from ..history import archive, report, series
from ..history.archive import Archive, BenchArchive
from ..history.gauges import Sample
from ..history.ranges import RANGES, Span
from ..history.reader import HistoryReader, SiteOfBench
from ..history.report import Report
from ..history.report_advice import advice
from ..history.series import Choice
from ..messages import _
from ..models.bench import Bench
from ..redis.link import reaching_redis
from ..wire import Json
from ..wire import history as wire
from ..wire.report import report_json
from .context import Context, full_name, parse_time
from .marks import Marks

#: What the lines and the ranking may be of, and the rows that they are read from.
BY = {"method": archive.COST, "queue": archive.TOTAL, "site": archive.COST_OF_SITES}


class History:
    def __init__(self, context: Context) -> None:
        self._context = context

    def read(
        self,
        last: str = "24h",
        until: str | None = None,
        by: str = "method",
        queue: str | None = None,
        method: str | None = None,
        site: str | None = None,
        kept: Archive | None = None,
    ) -> Json:
        """One range up to `until` (now): the points of each chart, and what cost most.

        `kept`: where the viewer's site keeps its own history; the bench's is in Redis. Raises BadRequest.
        """
        if last not in RANGES or by not in BY:
            text = _("A range is one of {ranges}; by is one of {by}.")
            raise BadRequest(text.format(ranges=", ".join(RANGES), by=", ".join(BY)))
        look, end = self._context.look(), parse_time(until)
        now = look.bench.at.timestamp()
        span = Span.ending(RANGES[last], min(end.timestamp() if end else now, now))
        asked = _Asked(look.bench, self._context.engine.watch.queue_prefix, queue, method)
        reader = self._reader(self._context.scope.site or site or None, kept, now)
        if by == "site" and (method or reader.site):
            by = "method"  # no counter is both, and of one site there is one line
        with reaching_redis():
            main = reader.rows(span.wanted.period, span.buckets, archive.METHODS if method else archive.TOTAL)
            same = by == "queue" or (by == "method" and method)
            parts = main if same else reader.rows(span.wanted.period, span.buckets, BY[by])
            samples = reader.samples(asked.prefix, span.wanted.period, span.buckets)
        points = [point.get("", {}) for point in series.by_point(span, main, asked.all_as(""))]
        ran, waited = series.histograms(points, "R"), series.histograms(points, "W")
        lines = series.by_point(span, parts, asked.by_lane if by == "queue" else asked.by_name, brief=True)
        ranking = series.ranked(lines)
        marks, left_out = Marks(self._context).between(span.since, min(span.until, now + 1), reader.site)
        found = wire.Found(
            last=last,
            by=by,
            site=reader.site,
            at=now,
            span=span,
            total=series.line("", points),
            run=series.percentiles(ran),
            wait=series.percentiles(waited),
            kinds=series.kinds(points),
            heat=series.heat(ran),
            wait_heat=series.heat(waited),
            lines=series.lines(lines, ranking),
            ranked=ranking[: series.RANKED],
            samples=series.samples(span, {start: asked.sample(each) for start, each in samples.items()}),
            marks=marks,
            marks_left_out=left_out,
        )
        return wire.history_json(found)

    def report(self, until: str | None = None, site: str | None = None, kept: Archive | None = None) -> Json:
        """The last seven whole days (UTC) before `until` (now), beside the seven before them, and what to change.

        `kept`: as for `read`. Raises BadRequest.
        """
        week = self.week(until, site, kept)
        return report_json(week, advice(week), self._context.scope.site or site or None)

    def week(self, until: str | None = None, site: str | None = None, kept: Archive | None = None) -> Report:
        """What `report` tells of."""
        end, now = parse_time(until), self._context.look().bench.at.timestamp()
        reader = self._reader(self._context.scope.site or site or None, kept, now)
        prefix, last = self._context.engine.watch.queue_prefix, end.timestamp() if end else now
        with reaching_redis():
            return report.week(reader, prefix, min(last, now))

    def _reader(self, site: str | None, kept: Archive | None, now: float) -> HistoryReader:
        redis = self._context.engine.redis
        of_bench = BenchArchive(redis)
        return HistoryReader(redis, kept or (SiteOfBench(of_bench, site) if site else of_bench), site, now)


class _Asked:
    """Which rows somebody asked for: of this bench's lanes, and of one lane or one method."""

    def __init__(self, bench: Bench, prefix: str, queue: str | None, method: str | None) -> None:
        self.prefix = prefix
        self._queue = full_name(bench, queue) if queue else None
        self._method = method or None

    def all_as(self, key: str) -> Choice:
        return lambda name, lane: key if self._wanted(name, lane) else None

    def by_name(self, name: str, lane: str) -> str | None:
        return name if self._wanted(name, lane) else None

    def by_lane(self, name: str, lane: str) -> str | None:
        return lane if self._wanted(name, lane) else None

    def sample(self, sample: Sample) -> Sample:
        lanes = {lane: each for lane, each in sample.lanes.items() if self._of_lane(lane)}
        return Sample(sample.busy, sample.workers, lanes)

    def _wanted(self, name: str, lane: str) -> bool:
        # A row of all methods has no name.
        return self._of_lane(lane) and (self._method is None or name == self._method)

    def _of_lane(self, lane: str) -> bool:
        return lane == self._queue if self._queue else lane.startswith(self.prefix)
