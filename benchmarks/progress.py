"""What it costs a loop to tell how far it has come.

    cd BENCH/sites && ../env/bin/python ../apps/job_console/benchmarks/progress.py SITE [--turns N]

Run it as the bench's owner, with the bench's Redis running. A real job of a real worker measures itself; the server
counts what it was sent.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time

import frappe
from frappe.utils import get_bench_path
from frappe.utils.background_jobs import get_redis_conn

from job_console.bridge.access import console
from job_console.bridge.tests.testing import delete_job


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site")
    parser.add_argument("--turns", type=int, default=2_000_000)
    options = parser.parse_args()
    frappe.init(options.site)
    frappe.connect()
    frappe.set_user("Administrator")
    redis = get_redis_conn()
    job = frappe.enqueue("job_console.runtime.tests.progress_testing.measure", queue="short", count=options.turns)
    before, began = scripts(redis), time.monotonic()
    subprocess.run(
        ["bench", "worker", "--queue", "short", "--burst"], cwd=get_bench_path(), check=True, capture_output=True
    )
    lasted = time.monotonic() - began
    shown = console().jobs.show(job.id)
    delete_job(redis, job.id)
    result = {
        "turns": options.turns,
        "ns per turn": {name: round(each) for name, each in shown["result"].items()},
        "seconds": round(lasted, 1),
        "reports per second": round((scripts(redis) - before) / shown["elapsed_s"], 2),
    }
    print(json.dumps(result, indent=2))


def scripts(redis) -> int:
    """All that the job reports, and the few scripts of the hooks around it."""
    return redis.info("commandstats").get("cmdstat_eval", {}).get("calls", 0)


if __name__ == "__main__":
    main()
