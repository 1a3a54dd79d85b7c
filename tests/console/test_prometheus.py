"""A real Prometheus scrapes us, a worker is killed, and the alert of contrib/ fires: where Debian's package is."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from job_console.console.embedded import end, free_port
from job_console.engine.redis import keys
from tests.engine import bench
from tests.support.processes import ROOT
from tests.support.site import Site

ALERTS, DASHBOARD = ROOT / "contrib" / "alerts.yml", ROOT / "contrib" / "grafana-dashboard.json"
#: What Grafana puts in.
_VARIABLES = {"$__rate_interval": "5m", "$bench": ".*"}


def binary(name: str) -> str:
    path = shutil.which(name, path=os.environ.get("JOB_CONSOLE_TEST_PROMETHEUS") or os.environ["PATH"])
    if path is None:
        pytest.skip(f"There is no {name} on this machine: apt-get install prometheus.")
    return path


def promtool(*arguments: str, said: str = "") -> str:
    done = subprocess.run([binary("promtool"), *arguments], input=said, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@dataclass(frozen=True)
class Prometheus:
    port: int

    def get(self, path: str, **arguments: str) -> Any:
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(arguments)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except (urllib.error.URLError, ConnectionError):
            return None

    def value(self, query: str) -> float | None:
        found = self.get("query", query=query)
        return float(found["result"][0]["value"][1]) if found and found["result"] else None

    def firing(self) -> set[str]:
        alerts = (self.get("alerts") or {"alerts": []})["alerts"]
        return {each["labels"]["alertname"] for each in alerts if each["state"] == "firing"}


@contextlib.contextmanager
def scraping(target: int, folder: Path) -> Iterator[Prometheus]:
    """It scrapes every second, and does not wait before it fires."""
    rules = re.sub(r"^( +for:).*$", r"\1 0s", ALERTS.read_text(), flags=re.M)
    (folder / "alerts.yml").write_text(rules)
    every = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    jobs = [{"job_name": "job-console", "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}]
    config = {"global": every, "rule_files": ["alerts.yml"], "scrape_configs": jobs}
    (folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
    port = free_port()
    tied = [sys.executable, "-m", "job_console.console.die_with_parent"]
    options = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    options.append(f"--web.listen-address=127.0.0.1:{port}")
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [*tied, binary("prometheus"), *options], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield Prometheus(port)
    finally:
        end(process)


def test_the_alert_fires_when_a_worker_is_killed(
    site: Site, redis: Any, workers: Any, tmp_path: Path, wait_until: Any
) -> None:
    binary("prometheus")
    job = bench.enqueue(redis, "tests.jobs.hang")
    worker = workers.start(bench.SHORT, name="w1")
    wait_until(lambda: bench.status(redis, job.id) == "started" and workers.horses(worker))
    with scraping(site.port, tmp_path) as prometheus:
        wait_until(lambda: prometheus.value('job_console_workers{state="busy"}') == 1, 60)
        assert prometheus.value(f'job_console_queue_jobs{{queue="{bench.SHORT}",status="started"}}') == 1
        assert "JobConsoleWorkerLost" not in prometheus.firing()
        workers.kill(worker)
        # A minute and a half after its last heartbeat.
        bench.expire_lease(redis, job.id, queue=bench.SHORT)
        redis.delete(keys.worker("w1"))
        wait_until(lambda: {"JobConsoleWorkerLost", "JobConsoleCritical"} <= prometheus.firing(), 60)
        rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
        assert [rule["lastError"] for rule in rules if rule["health"] != "ok"] == []


def test_promtool_finds_nothing_wrong_with_the_alerts() -> None:
    assert "SUCCESS" in promtool("check", "rules", str(ALERTS))


def test_the_dashboard_asks_what_prometheus_understands(tmp_path: Path) -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    for name, value in _VARIABLES.items():
        queries = [query.replace(name, value) for query in queries]
    rules = [{"record": f"query_{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    assert f"{len(queries)} rules found" in promtool("check", "rules", str(tmp_path / "rules.yml"))


def test_names_are_as_prometheus_wants_them(site: Site) -> None:
    promtool("check", "metrics", said=site.get("/metrics").body.decode())
