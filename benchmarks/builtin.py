"""Frappe's own RQ Job list, run by the bench's owner with the bench's Python, in the bench's `sites` folder.

FRAPPE_REDIS_QUEUE and FRAPPE_REDIS_CACHE lead it to the benchmark's servers. Arguments: a JSON object. Prints one.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import frappe
import probe


def main() -> None:
    asked = json.loads(sys.argv[1])
    frappe.init(asked["site"])
    frappe.connect()
    assert frappe.conf.redis_queue.endswith(f":{asked['port']}"), "this bench does not listen to FRAPPE_REDIS_QUEUE"
    from frappe.core.doctype.rq_job.rq_job import RQJob
    from frappe.utils.background_jobs import generate_qname

    assert generate_qname("default") == asked["lane"], (generate_qname("default"), asked["lane"])
    before = probe.rss_mb()
    own = RQJob.get_count()
    assert own > asked["depth"] // 2, own

    def page(start: int) -> Any:
        rows = RQJob.get_list(start=start, page_length=20)
        assert len(rows) == 20, len(rows)
        return rows

    found: dict[str, Any] = {"version": frappe.__version__}
    for name, start in (("first", 0), ("middle", own // 2), ("deep", own - 100)):
        found[f"page, {name}"] = probe.measure(lambda start=start: page(start), asked["port"], runs=50).json()
    found["count"] = probe.measure(RQJob.get_count, asked["port"], runs=50).json()
    found["rss_mb"], found["grown_mb"] = probe.rss_mb(), probe.rss_mb() - before
    print(json.dumps(found))


if __name__ == "__main__":
    main()
