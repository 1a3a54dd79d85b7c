"""100,000 items, and a kill -9 at random every few seconds: every item processed, none twice, all counted.

    cd BENCH/sites && ../env/bin/python ../apps/job_console/benchmarks/chunks.py SITE [--items N] [--json FILE]

Run it as the bench's owner, on a site that allows tests, with the bench's Redis running and no workers: it starts its
own, and kills them. What the job does to an item is a row in a table of its own, without a key that would refuse a
second one. The same work is then done once more in peace, in chunks and by hand, to see what the chunks cost.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import frappe
from frappe.utils.background_jobs import get_redis_conn

from job_console.bridge.tests.testing import delete_job
from job_console.runtime.chunks import checkpoint
from job_console.runtime.tests import chunks_testing
from job_console.runtime.tests.chunks_chaos import Chaos

JOB = "job_console.runtime.tests.chunks_testing.over_list"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, nargs=2, default=(1.0, 4.0), help="between two kills")
    parser.add_argument("--json", type=Path, help="write the results there, too")
    options = parser.parse_args()
    frappe.init(options.site)
    frappe.connect()
    frappe.set_user("Administrator")
    if not frappe.conf.allow_tests:
        raise SystemExit("This site does not allow tests.")
    results = {
        "database": frappe.db.db_type,
        "items": options.items,
        "killed": run(options.items, tuple(options.seconds)),
        "in peace": run(options.items, (1e9, 1e9)),
    }
    text = json.dumps(results, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text)


def run(items: int, between: tuple[float, float]) -> dict[str, Any]:
    redis = get_redis_conn()
    chunks_testing.make_table()
    frappe.db.commit()
    # 0.2 ms of sleep beside the writing: a quick item.
    job = frappe.enqueue(JOB, queue="short", count=items, size=100, pause=0.0002)
    chaos = Chaos(redis, job.id)
    began = time.monotonic()
    try:
        chaos.run(between, with_worker=0.2)
        lasted = time.monotonic() - began
        frappe.db.rollback()
        counted = Counter(chunks_testing.effects())
        place = frappe.get_all("Job Checkpoint", filters={"job": job.id}, fields=["*"])[0]
        return {
            "kills": dict(chaos.happened),
            "runs": place.runs,
            "chunks": place.chunks,
            "counted by the checkpoint": place.committed,
            "processed": sum(str(number) in counted for number in range(items)),
            "missing": sum(str(number) not in counted for number in range(items)),
            "twice": sum(count > 1 for count in counted.values()),
            "seconds": round(lasted, 1),
        }
    finally:
        chunks_testing.drop_table()
        for name in frappe.get_all("Job Checkpoint", filters={"job": job.id}, pluck="name"):
            checkpoint.forget(name)
        delete_job(redis, job.id)
        frappe.db.commit()


if __name__ == "__main__":
    main()
