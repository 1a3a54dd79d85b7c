"""rq-dashboard's own application, called in its own process and environment, without HTTP in between.

Arguments: a JSON object. Prints one.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from typing import Any

import probe
import rq_dashboard
from flask import Flask
from rq_dashboard import default_settings, web


def main() -> None:
    asked = json.loads(sys.argv[1])
    before = probe.rss_mb()
    app = Flask("benchmark")
    app.config.from_object(default_settings)
    app.config["RQ_DASHBOARD_REDIS_URL"] = f"redis://127.0.0.1:{asked['port']}"
    web.setup_rq_connection(app)
    app.register_blueprint(rq_dashboard.blueprint, url_prefix="/rq")
    client = app.test_client()

    def get(path: str) -> Any:
        answer = client.get(f"/rq/0/data/{path}.json")
        assert answer.status_code == 200, answer.data
        return answer.json

    rows: list[int] = []

    def page(number: int) -> Any:
        found = get(f"jobs/{asked['lane']}/queued/20/asc/{number}")
        rows.append(len(found["jobs"]))
        return found

    assert any(row["count"] == asked["depth"] for row in get("queues")["queues"])
    last = asked["depth"] // 20
    found: dict[str, Any] = {"version": version("rq-dashboard")}
    found["queues"] = probe.measure(lambda: get("queues"), asked["port"]).json()
    for name, number in (("first", 1), ("middle", last // 2), ("deep", last)):
        # It takes the end of a page for its length: the page from the 500th job on has 500 rows, or all that are left.
        if name == "middle" and asked["depth"] > 1_000:
            continue
        found[f"page, {name}"] = probe.measure(lambda number=number: page(number), asked["port"]).json()
        found[f"page, {name}"]["rows"] = rows[-1]
    found["rss_mb"], found["grown_mb"] = probe.rss_mb(), probe.rss_mb() - before
    print(json.dumps(found))


if __name__ == "__main__":
    main()
