"""What one call of the command line costs whoever waits for it, beside `rq info`: processes, from start to end.

Arguments: a JSON object (`port`). Prints one: of each call its median time and that of a processor, what Redis did, its
slowest command.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import redis

from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.redis.link import connect
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.service import Engine

RUNS = 5
CONSOLE = [sys.executable, "-m", "job_console.console.cli"]
RQ = [str(Path(sys.executable).parent / "rq")]


def calls(url: str) -> dict[str, tuple[list[str], int]]:
    """The command line and how often it is run, by name."""
    return {
        "start": ([*CONSOLE, "--version"], RUNS),
        "warnings": ([*CONSOLE, "--redis", url, "warnings", "--json"], RUNS),
        "snapshot": ([*CONSOLE, "--redis", url, "snapshot", "--json"], RUNS),
        "rq info": ([*RQ, "info", "--url", url], RUNS),
        "warnings --deep": ([*CONSOLE, "--redis", url, "warnings", "--deep", "--json"], 1),
    }


def measure(client: redis.Redis, command: list[str]) -> dict[str, float]:
    client.config_resetstat()
    client.slowlog_reset()
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _pid, status, used = os.wait4(process.pid, 0)
    took = (time.perf_counter() - began) * 1000
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    processor = (used.ru_utime + used.ru_stime) * 1000
    stats = client.info("commandstats")
    ran = sum(row["calls"] for name, row in stats.items() if name[8:].partition("|")[0] not in _OWN)
    slowest = max((entry["duration"] / 1000 for entry in client.slowlog_get(-1)), default=0.0)
    return {"median_ms": took, "processor_ms": processor, "ran": ran, "slowest_ms": slowest}


def in_turns(client: redis.Redis, commands: dict[str, tuple[list[str], int]]) -> dict[str, dict[str, float]]:
    """So that all of them meet the same weather."""
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for turn in range(RUNS):
        for name, (command, runs) in commands.items():
            if turn < runs:
                rows[name].append(measure(client, command))
    return {
        name: {
            "median_ms": statistics.median(each["median_ms"] for each in found),
            "processor_ms": statistics.median(each["processor_ms"] for each in found),
            "ran": statistics.median(each["ran"] for each in found),
            "slowest_ms": max(each["slowest_ms"] for each in found),
        }
        for name, found in rows.items()
    }


def sweep(url: str) -> None:
    """As whatever watches the bench has done before somebody calls: what needs proof has been seen."""
    engine = Engine(connect(url))
    for pause in (diagnosis_limits.PROOF_S + 0.5, schedule_limits.SWEEP_EVERY_S, 0):
        engine.sweep()
        time.sleep(pause)


_OWN = ("config", "slowlog", "info")


def main() -> None:
    asked = json.loads(sys.argv[1])
    client = redis.Redis(port=asked["port"])
    before = client.config_get("slowlog-log-slower-than")["slowlog-log-slower-than"]
    client.config_set("slowlog-log-slower-than", 1_000)  # what is quicker is not looked for
    try:
        sweep(f"redis://127.0.0.1:{asked['port']}")
        print(json.dumps(in_turns(client, calls(f"redis://127.0.0.1:{asked['port']}"))))
    finally:
        client.config_set("slowlog-log-slower-than", before)


if __name__ == "__main__":
    main()
