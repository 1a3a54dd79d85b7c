"""Readings as Prometheus has them: one function for each group of metrics. docs/metrics.md has a row for each name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
    SummaryMetricFamily,
)

from job_console import __version__

from ..diagnosis import manual
from ..history.statistics import upper_end
from ..models.silences import SEVERITIES
from ..wire import Json
from . import limits
from .day import Runs
from .readings import Readings

VERDICTS = ("ok", "warning", "critical")
#: RQ's, and ours: a worker that has ended without saying so is `gone`.
WORKER_STATES = ("idle", "busy", "suspended", "started", "gone", "broken", "unknown")
Rows = Iterable[tuple[tuple[str, ...], float]]


def build() -> Metric:
    return InfoMetricFamily("job_console_build", "Version of Job Console.", value={"version": __version__})


def redis_up(bench: str, up: bool) -> Metric:
    return _gauge("job_console_redis_up", "Whether Redis answers.", bench, (), [((), up)])


def looks(bench: str, count: int, seconds: float) -> Metric:
    """What looking costs, of this process since it started."""
    family = SummaryMetricFamily(
        "job_console_look_duration_seconds",
        "Looks at Redis that this process took, whoever asked for them, and how long they took.",
        labels=("bench",),
    )
    family.add_metric((bench,), count, seconds)
    return family


def of(readings: Readings) -> Iterator[Metric]:
    """All that was read."""
    snapshot = readings.snapshot
    bench = str(snapshot["bench"] or "")
    yield from _health(bench, snapshot)
    yield from _redis(bench, snapshot["redis"])
    yield from _queues(bench, snapshot["queues"])
    yield _workers(bench, snapshot["workers"])
    yield from _warnings(bench, snapshot["warnings"])
    yield from _schedulers(bench, readings)
    if readings.runs is not None:
        yield from _runs(bench, readings.runs)
    if readings.site is not None:
        yield from _of_site(bench, readings.site, readings)


def _health(bench: str, snapshot: Json) -> Iterator[Metric]:
    verdict = snapshot["health"]["verdict"]
    rows = [((each,), each == verdict) for each in VERDICTS]
    yield _gauge("job_console_verdict", "How the bench is: 1 for the verdict that holds.", bench, ("verdict",), rows)


def _redis(bench: str, redis: Json) -> Iterator[Metric]:
    for field, name, text in (
        ("used_bytes", "job_console_redis_memory_used_bytes", "Memory that Redis uses."),
        ("max_bytes", "job_console_redis_memory_max_bytes", "Its limit; missing where it has none."),
    ):
        yield _gauge(name, text, bench, (), [((), redis[field])] if redis[field] else [])


def _queues(bench: str, queues: list[Json]) -> Iterator[Metric]:
    names = [(_queue(bench, each["name"]), each) for each in queues]
    yield _gauge(
        "job_console_queue_jobs",
        "Jobs of a queue by their state: queued is its depth, started is what runs.",
        bench,
        ("queue", "status"),
        [((name, s), n) for name, each in names for s, n in each["counts"].items() if s != "dead"],
    )
    yield _gauge(
        "job_console_queue_oldest_wait_seconds",
        "For how long the first job has waited; 0 when none waits, missing when it is not known.",
        bench,
        ("queue",),
        [((name,), wait) for name, each in names if (wait := _oldest_wait(each)) is not None],
    )
    paused = [((name,), each["paused"] is not None) for name, each in names]
    yield _gauge("job_console_queue_paused", "Whether somebody paused the queue.", bench, ("queue",), paused)


def _oldest_wait(queue: Json) -> float | None:
    wait: float | None = queue["oldest_wait_s"]
    return 0.0 if wait is None and not queue["counts"]["queued"] else wait


def _workers(bench: str, workers: list[Json]) -> Metric:
    states = [each["state"] for each in workers]
    known = [state if state in WORKER_STATES else "unknown" for state in states]
    rows = [((state,), known.count(state)) for state in WORKER_STATES]
    return _gauge("job_console_workers", "Workers by their state.", bench, ("state",), rows)


def _warnings(bench: str, warnings: list[Json]) -> Iterator[Metric]:
    """Of every code, so that an alert ends as its warning does. What somebody silenced does not count."""
    asking = [each for each in warnings if not each["silenced"]]
    codes, severities = [each["code"] for each in asking], [each["severity"] for each in asking]
    yield _gauge(
        "job_console_warnings",
        "Warnings that nobody has silenced, by their code.",
        bench,
        ("code",),
        [((code,), codes.count(code)) for code in sorted({*manual.codes(), *codes})],
    )
    yield _gauge(
        "job_console_warnings_by_severity",
        "The same by their severity.",
        bench,
        ("severity",),
        [((severity,), severities.count(severity)) for severity in SEVERITIES],
    )
    silenced = len(warnings) - len(asking)
    yield _gauge("job_console_warnings_silenced", "Warnings that somebody silenced.", bench, (), [((), silenced)])


def _schedulers(bench: str, readings: Readings) -> Iterator[Metric]:
    known = sorted(readings.schedulers.items())
    running = [((site,), each.running) for site, each in known]
    ages = [((site,), each.tick_age_s) for site, each in known if each.tick_age_s is not None]
    yield _gauge("job_console_scheduler_enabled", "Whether a site lets its scheduler run.", bench, ("site",), running)
    text = "For how long a site's scheduler has not ticked; missing when nobody has seen it tick."
    yield _gauge("job_console_scheduler_tick_age_seconds", text, bench, ("site",), ages)


def _runs(bench: str, runs: Runs) -> Iterator[Metric]:
    ended = CounterMetricFamily(
        "job_console_runs",
        "Runs that ended today (UTC), of all sites together; methods beyond the first are `other`.",
        labels=("bench", "queue", "method", "outcome"),
    )
    for (queue, method, outcome), count in sorted(runs.ended.items()):
        ended.add_metric((bench, _queue(bench, queue), method, outcome), count)
    yield ended
    text = "How long the runs took that ended well today (UTC)."
    yield _histogram("job_console_run_duration_seconds", text, bench, runs.ran)
    text = "How long jobs waited before the runs that ended today (UTC)."
    yield _histogram("job_console_wait_duration_seconds", text, bench, runs.waited)


def _of_site(bench: str, site: str, readings: Readings) -> Iterator[Metric]:
    runs = CounterMetricFamily(
        "job_console_site_runs",
        "Runs of a site that ended today (UTC), however they ended; methods beyond the first are `other`.",
        labels=("bench", "site", "method"),
    )
    for method, count in sorted(readings.site_runs.items()):
        runs.add_metric((bench, site, method), count)
    yield runs
    rows = [((site, severity), readings.incidents.get(severity, 0)) for severity in SEVERITIES[:2]]
    yield _gauge("job_console_incidents_open", "Open incidents of a site.", bench, ("site", "severity"), rows)


def _gauge(name: str, text: str, bench: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    family = GaugeMetricFamily(name, text, labels=("bench", *labels))
    for values, value in rows:
        family.add_metric((bench, *values), value)
    return family


def _histogram(name: str, text: str, bench: str, queues: Mapping[str, Mapping[int, int]]) -> Metric:
    """Without a sum: the statistics count buckets only."""
    family = HistogramMetricFamily(name, text, labels=("bench", "queue"))
    for queue, counts in sorted(queues.items()):
        ends = [(repr(upper_end(end)), _up_to(counts, end)) for end in limits.BUCKETS]
        family.add_metric((bench, _queue(bench, queue)), [*ends, ("+Inf", sum(counts.values()))], None)
    return family


def _up_to(counts: Mapping[int, int], end: int) -> int:
    return sum(count for number, count in counts.items() if number <= end)


def _queue(bench: str, name: str) -> str:
    """`short` of the bench that `bench` names; else the full name."""
    return name.removeprefix(f"{bench}:") if bench else name
