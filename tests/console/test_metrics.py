"""/metrics: what the bench is, as numbers; for how many series; and what is used of them exists."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from click.testing import CliRunner
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from job_console.console.cli import cli
from job_console.console.embedded import Embedded, embedded_server
from job_console.engine.diagnosis import manual
from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun
from job_console.engine.metrics import BenchReader, Exporter, SiteReader, day, families
from job_console.engine.metrics import limits as metrics_limits
from job_console.engine.models.schedule import Schedule
from job_console.engine.redis import keys
from job_console.engine.schedule import tickers
from job_console.engine.schedule.store import ScheduleStore
from job_console.engine.service import Engine, Viewer
from tests.engine import bench
from tests.support.processes import ROOT
from tests.support.site import Site, serving

from .scraping import Scraped, scrape
from .test_watch import watching_at  # noqa: F401  a fixture

SITE = "a.localhost"


def ended(redis: Any, method: str, outcome: str = "finished", ago: timedelta = timedelta(), **more: Any) -> None:
    more = {"queue": bench.SHORT, "run_s": 3.0, "wait_s": 0.5, "site": SITE, **more}
    statistics.record(redis, EndedRun(method, outcome=outcome, at=datetime.now(timezone.utc) - ago, **more))


def test_the_bench_as_it_is(site: Site, redis: Any, workers: Any, wait_until: Any) -> None:
    job = bench.enqueue(redis, name="one")
    bench.enqueue(redis, name="two")
    bench.age(redis, job.id, 700, "enqueued_at", "created_at")
    workers.start(bench.LONG, name="w1")
    wait_until(lambda: redis.hget(keys.worker("w1"), "state") == b"idle")
    tickers.publish(redis, SITE, "host-a (process 4711)")
    ScheduleStore(redis).publish(Schedule(SITE, True))
    redis.config_set("maxmemory", "1gb")
    try:
        found = scrape(site)
    finally:
        redis.config_set("maxmemory", "0")
    assert found("job_console_redis_up") == 1
    assert found("job_console_queue_jobs", queue=bench.SHORT, status="queued") == 2
    assert found("job_console_queue_jobs", queue=bench.SHORT, status="started") == 0
    assert found("job_console_queue_oldest_wait_seconds", queue=bench.SHORT) >= 700
    assert found("job_console_queue_oldest_wait_seconds", queue=bench.LONG) in (0, None)
    assert (found("job_console_workers", state="idle"), found("job_console_workers", state="busy")) == (1, 0)
    assert found("job_console_redis_memory_max_bytes") == 2**30
    assert found("job_console_redis_memory_used_bytes") > 100_000
    assert found("job_console_scheduler_enabled", site=SITE) == 1
    assert 0 <= found("job_console_scheduler_tick_age_seconds", site=SITE) < 600
    assert found("job_console_look_duration_seconds_count") >= 1
    assert found("job_console_look_duration_seconds_sum") > 0
    assert found("process_cpu_seconds_total") > 0


def test_warnings_of_every_code_and_none_that_somebody_silenced(site: Site, redis: Any) -> None:
    redis.set(keys.SUSPENDED, 1)
    found = scrape(site)
    codes = {sample.labels["code"]: sample.value for sample in found.samples("job_console_warnings")}
    assert codes == {**dict.fromkeys(manual.codes(), 0), "suspended": 1}
    assert found("job_console_verdict", verdict="critical") == 1
    assert (found("job_console_verdict", verdict="ok"), found("job_console_warnings_silenced")) == (0, 0)
    (warning,) = site.get("/api/warnings").json["warnings"]
    site.ask("POST", "/api/silence_warning", {"warning": warning["id"], "how": "acknowledge"})
    found = scrape(site)
    assert (found("job_console_warnings", code="suspended"), found("job_console_warnings_silenced")) == (0, 1)
    assert found("job_console_warnings_by_severity", severity="critical") == 0


def test_runs_by_method_and_histograms_by_queue(site: Site, redis: Any) -> None:
    bench.enqueue(redis)
    for method, outcome in (("shop.sync", "finished"), ("shop.sync", "failed"), ("shop.sync", "failed")):
        ended(redis, method, outcome)
    ended(redis, "shop.pull", "timed_out", queue=bench.LONG)
    ended(redis, "shop.sync", ago=timedelta(days=1))
    found = scrape(site)
    runs = "job_console_runs_total"
    assert found(runs, method="shop.sync", outcome="finished", queue=bench.SHORT) == 1
    assert found(runs, method="shop.sync", outcome="failed") == 2
    assert found(runs, method="shop.pull", outcome="timed_out", queue=bench.LONG) == 1
    wait = {each.labels["le"]: each.value for each in found.samples("job_console_wait_duration_seconds_bucket")
            if each.labels["queue"] == bench.SHORT}  # fmt: skip
    assert len(wait) == len(metrics_limits.BUCKETS) + 1
    assert [count for le, count in wait.items() if float(le) < 0.5] == [0] * 7
    assert {count for le, count in wait.items() if float(le) > 0.51} == {3}
    ran = "job_console_run_duration_seconds_bucket"
    assert found(ran, queue=bench.SHORT, le="+Inf") == 1, "of those that ended well"


def test_of_one_site_are_its_own_methods_alone(redis: Any) -> None:
    ended(redis, "shop.sync")
    ended(redis, "shop.sync", "failed")
    ended(redis, "secret.takeover", site="b.localhost")
    text = of_site(Engine(redis))
    found = Scraped(text)
    assert found("job_console_site_runs_total", site=SITE, method="shop.sync") == 2
    assert found("job_console_incidents_open", site=SITE, severity="critical") == 4
    assert "takeover" not in text
    assert "b.localhost" not in text


def of_site(engine: Engine) -> str:
    """As the desk has it."""
    reader = SiteReader(engine)
    snapshot = engine.console(Viewer("x", site=SITE)).snapshot()
    exporter = Exporter(engine, lambda: reader.read(snapshot, SITE, lambda: {"critical": 4}))
    return exporter.answer("application/openmetrics-text; version=1.0.0")[0].decode()


def test_a_queue_has_its_label_where_the_bench_is_known(redis: Any) -> None:
    bench.enqueue(redis)
    engine = Engine(redis)
    engine.names = {"server": "x", "bench": "bench", "bench_server": None}
    found = Scraped(
        Exporter(engine, BenchReader(engine, Viewer("x"))).answer("application/openmetrics-text")[0].decode()
    )
    assert found("job_console_queue_jobs", bench="bench", queue="short", status="queued") == 1


def test_a_scrape_costs_one_round_trip_beside_the_look(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    scrape(site)
    reads: list[str] = []
    real = statistics.of_day
    monkeypatch.setattr(day.statistics, "of_day", lambda *given: reads.append("day") or real(*given))
    before = site.engine.watch.cost[0]
    monkeypatch.setattr(site.engine.watch, "_clock", lambda: site.engine.watch._at)  # the look stays fresh
    for _ in range(3):
        scrape(site)
    assert (site.engine.watch.cost[0] - before, reads) == (0, ["day"] * 3)


def test_older_scrapers_get_the_older_text(site: Site) -> None:
    answer = site.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "job_console_redis_up" in {each.name for each in text_string_to_metric_families(answer.body.decode())}


def test_a_redis_that_is_away_is_a_metric() -> None:
    with embedded_server() as running, serving(running.url) as site:
        assert scrape(site)("job_console_redis_up") == 1
        os.kill(running.pid, signal.SIGKILL)
        site.engine.watch._at = float("-inf")
        found = scrape(site)
        assert found("job_console_redis_up") == 0
        assert "job_console_workers" not in found.families, "what is not known is not 0"


def test_without_the_library_it_says_what_to_install(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    refused = site.get("/metrics")
    assert (refused.status, "pip install 'prometheus_client" in refused.json["error"]["message"]) == (501, True)
    asked = CliRunner().invoke(cli, ["--redis", "redis://127.0.0.1:1", "watch", "--metrics-port", "0"])
    assert (asked.exit_code, "pip install 'prometheus_client" in asked.output) == (2, True)


def test_the_watcher_is_scraped(server: Embedded, redis: Any, watching_at: Any) -> None:  # noqa: F811
    watcher = watching_at(server.url, "--metrics-port", "0")
    line = watcher.until(lambda line: "Metrics on " in line)
    url = line.rpartition(" ")[2]
    with urllib.request.urlopen(url, timeout=30) as answer:
        assert b"job_console_redis_up" in answer.read()
    with urllib.request.urlopen(url.replace("metrics", "readyz"), timeout=30) as answer:
        assert json.load(answer) == {"status": "ok"}
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(url.replace("metrics", "api/jobs"), timeout=30)
    assert watcher.end()[0] == 0


@pytest.fixture
def exported(site: Site, redis: Any) -> set[str]:
    """The names that a query can use."""
    ended(redis, "shop.sync")
    both = [*scrape(site).families.values(), *Scraped(of_site(site.engine)).families.values()]
    return {name for family in both for name in _names(family)}


def _names(family: Metric) -> Iterator[str]:
    ends = {"counter": ["_total"], "histogram": ["_bucket"], "summary": ["_sum", "_count"], "info": ["_info"]}
    yield from (family.name + end for end in ends.get(family.type, [""]))


@pytest.mark.parametrize("file", ["contrib/grafana-dashboard.json", "contrib/alerts.yml"])
def test_what_contrib_uses_is_exported(file: str, exported: set[str]) -> None:
    used = set(re.findall(r"job_console_\w+", (ROOT / file).read_text()))
    assert len(used) > 5
    assert used <= exported


def test_every_metric_is_documented(exported: set[str]) -> None:
    rows = re.findall(r"^\| `(job_console_\w+)` \| (.*?) \|", (ROOT / "docs" / "metrics.md").read_text(), re.M)
    ours = {name for name in exported if name.startswith("job_console_")}
    assert {name for name, _labels in rows} == {re.sub(r"_(bucket|sum|count)$", "", name) for name in ours}


def test_labels_are_documented(site: Site, redis: Any) -> None:
    ended(redis, "shop.sync")
    bench.enqueue(redis)
    text = (ROOT / "docs" / "metrics.md").read_text()
    rows = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in
            re.findall(r"^\| `(job_console_\w+)` \| (.*?) \|", text, re.M)}  # fmt: skip
    for family in (*scrape(site).families.values(), *Scraped(of_site(site.engine)).families.values()):
        for sample in family.samples:
            name = re.sub(r"_(bucket|sum|count)$", "", sample.name)
            if name in rows and name != "job_console_build_info":
                assert set(sample.labels) - {"bench", "le"} == rows[name], name


def test_every_state_of_a_worker_has_a_series(site: Site) -> None:
    states = {sample.labels["state"] for sample in scrape(site).samples("job_console_workers")}
    assert states == set(families.WORKER_STATES)
