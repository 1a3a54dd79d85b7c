"""Fills a queue step by step with real RQ jobs and measures, at each depth, what it costs to look at them.

Prints a Markdown table. It judges no run: times depend on the machine, ratios within a run hardly do.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pwd
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import probe
import redis
import report
import work

from job_console.console.embedded import Embedded, embedded_server

HERE = Path(__file__).resolve().parent
DASHBOARD = HERE / ".venv-rq-dashboard" / "bin" / "python"
DEPTHS = (1_000, 10_000, 100_000, 1_000_000)
#: The search is compared at this depth: rq needs many seconds for it.
SEARCHED = 100_000
LANES = ("short", "default", "long")
#: Jobs that a worker takes from the copies at each depth, to show that they are real.
TAKEN = 20
#: All contestants run so often in turn, unless told otherwise: machines change their speed from minute to minute.
ROUNDS = 3
Json = dict[str, Any]


class Bench:
    """A Frappe bench: read, never written to; its own Redis servers are left alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.owner = pwd.getpwuid(path.stat().st_uid)
        config = json.loads((path / "sites" / "common_site_config.json").read_text())
        names = sorted(site.parent.name for site in path.glob("sites/*/site_config.json"))
        self.site = os.environ.get("FRAPPE_SITE") or config.get("default_site") or names[0]
        self.id = config.get("bench_id") or str(path).strip("/").replace("/", "-")

    def measure(self, server: Embedded, cache: Embedded, asked: Json) -> Json:
        sites = shlex.quote(str(self.path / "sites"))
        line = f"cd {sites} && exec ../env/bin/python {shlex.quote(str(HERE / 'builtin.py'))} {_quoted(asked)}"
        settings = [f"FRAPPE_REDIS_QUEUE={server.url}", f"FRAPPE_REDIS_CACHE={cache.url}", "PYTHONDONTWRITEBYTECODE=1"]
        shell = ["env", *settings, "bash", "-c", line]
        return _ask(shell if os.geteuid() == self.owner.pw_uid else ["runuser", "-u", self.owner.pw_name, "--", *shell])


def find_bench() -> Bench | None:
    for path in filter(None, (os.environ.get("FRAPPE_BENCH"), "~/frappe-bench", "/home/frappe/frappe-bench")):
        found = Path(path).expanduser()
        if (found / "sites" / "common_site_config.json").exists():
            return Bench(found)
    return None


class Run:
    """One server that becomes deeper, and all contestants at each depth."""

    def __init__(self, server: Embedded, cache: Embedded, bench: Bench | None, depths: list[int], rounds: int) -> None:
        self.server, self.cache, self.bench, self.depths, self.rounds = server, cache, bench, depths, rounds
        self.site = bench.site if bench else "a.localhost"
        self.bench_id = bench.id if bench else "home-frappe-frappe-bench"
        self.client = redis.Redis(port=server.port)
        self.filler = work.Filler(self.client, self.bench_id, self.site, "elsewhere.localhost")

    def furnish(self) -> None:
        """What stands around the waiting jobs, made by rq and a real worker: finished and failed ones, other lanes."""
        for queue in LANES:
            for n in range(40):
                self.filler.enqueue(work.FAIL if n % 4 == 0 else "shop.mail.send_receipt", queue)
            self._run_jobs(queue, 40)
        self.filler.learn()

    @contextlib.contextmanager
    def busy_workers(self) -> Iterator[None]:
        """One real worker per lane, in the midst of a job; more jobs wait in the other lanes."""
        for queue in LANES:
            self.filler.enqueue(work.HOLD, queue, timeout=7_200)
        crew = [subprocess.Popen(self._worker(queue, 0)) for queue in LANES]
        try:
            registries = [f"rq:wip:{self.bench_id}:{queue}" for queue in LANES]
            while not all(self.client.zcard(registry) for registry in registries):
                assert all(worker.poll() is None for worker in crew), "a worker ended"
                time.sleep(0.05)
            for queue in ("short", "long"):
                for _ in range(10):
                    self.filler.enqueue("shop.stock.sync_stock", queue)
            yield
        finally:
            for worker in crew:
                worker.kill()  # its job ends with it
                worker.wait()

    def _worker(self, queue: str, most: int) -> list[str]:
        return [sys.executable, str(HERE / "worker.py"), str(self.server.port), str(most), f"{self.bench_id}:{queue}"]

    def _run_jobs(self, queue: str, count: int) -> None:
        subprocess.run(self._worker(queue, count), check=True, stderr=subprocess.DEVNULL)

    def deepen(self, depth: int) -> Json:
        began = time.perf_counter()
        # The last one, which a search finds last, is rq's own; a worker takes some of the copies from the head.
        self.filler.fill(depth + TAKEN - 1, max(self.depths))
        took = time.perf_counter() - began
        self.filler.enqueue(work.RARE)
        done = self._finished()
        self._run_jobs("default", TAKEN)
        assert self._finished() == done + TAKEN, "the worker could not run the copies"
        self.filler.verify()
        assert self.filler.queue.count == depth
        return {"depth": depth, "fill_s": took}

    def _finished(self) -> int:
        return self.client.zcard(f"rq:finished:{self.bench_id}:default")

    def measure(self, depth: int) -> Json:
        asked = {
            "port": self.server.port,
            "lane": f"{self.bench_id}:default",
            "depth": depth,
            "site": self.site,
        }
        rounds = [self._round({**asked, "search": depth == SEARCHED and not number}) for number in range(self.rounds)]
        found = {who: _middle([each[who] for each in rounds]) for who in rounds[0]}
        if depth == SEARCHED:
            rq = [sys.executable, str(HERE / "fetching.py"), json.dumps(asked)]
            found["rq"] = _ask(rq)
            found["rq without hiredis"] = _ask([*rq, "--no-hiredis"])
        found["one call"] = _ask([sys.executable, str(HERE / "oneshot.py"), json.dumps(asked)])
        found["server_mb"] = probe.rss_mb(self.server.pid)
        found["load"] = os.getloadavg()[0]
        return found

    def _round(self, asked: Json) -> Json:
        ours = [sys.executable, str(HERE / "ours.py"), json.dumps(asked)]
        found = {
            "ours": _ask(ours),
            "ours without hiredis": _ask([*ours, "--no-hiredis"]),
            "rq-dashboard": _ask([str(DASHBOARD), str(HERE / "dashboard.py"), json.dumps(asked)]),
        }
        if self.bench:
            found["built-in"] = self.bench.measure(self.server, self.cache, asked)
        return found


def _middle(rounds: list[Json]) -> Json:
    """Of each thing that was measured the round of middle speed; of all else the first."""
    found = dict(rounds[0])
    for name, row in found.items():
        if isinstance(row, dict) and "median_ms" in row:
            found[name] = sorted((each[name] for each in rounds), key=lambda each: each["median_ms"])[len(rounds) // 2]
    return found


def _version(client: redis.Redis) -> str:
    found = client.info("server")
    name = "valkey" if "valkey_version" in found else "redis"
    return f"{name} {found[name + '_version']}"


def _quoted(asked: Json) -> str:
    return shlex.quote(json.dumps(asked))


def _ask(command: list[str]) -> Json:
    """What a contestant prints last."""
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--depths", type=int, nargs="+", default=DEPTHS, metavar="N")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help="all contestants run so often in turn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all numbers there")
    parser.add_argument("--no-bench", action="store_true", help="leave the built-in list of a Frappe bench out")
    options = parser.parse_args()
    bench = None if options.no_bench else find_bench()
    say(f"Built-in list: {f'bench {bench.id}, site {bench.site}' if bench else 'no bench'}")
    with embedded_server() as server, embedded_server() as cache:
        run = Run(server, cache, bench, sorted(options.depths), options.rounds)
        results: Json = {"server": _version(run.client), "depths": []}
        say("Furnishing: real workers run some jobs")
        run.furnish()
        with run.busy_workers():
            for depth in run.depths:
                say(f"{depth:,} jobs: filling")
                row = run.deepen(depth)
                say(f"{depth:,} jobs: measuring")
                results["depths"].append({**row, **run.measure(depth)})
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(results, indent=1))
    print(report.markdown(results))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
