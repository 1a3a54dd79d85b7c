"""What others show of a bench: rq-dashboard, or rq's own getters as Frappe's RQ Job and RQ Worker lists call them.

Arguments: rq-dashboard or rq. Reads `PORT DB` a line, and answers each with a line of JSON: jobs (id → where it is
listed), queues (name → {where: how many}), workers (name → state), or error.

Both change what they look at: rq's getters tidy up. So each is given a copy of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import redis
from rq import Queue, Worker
from rq.job import Job

LISTS = ("queued", "started", "failed", "finished", "deferred", "scheduled", "canceled")
Shown = dict[str, Any]


def rq(port: int, db: int) -> Shown:
    client = redis.Redis(port=port, db=db)
    shown = _nothing()
    for queue in Queue.all(connection=client):
        for where in LISTS:
            holder = queue if where == "queued" else getattr(queue, f"{where}_job_registry")
            found = [job.id for job in Job.fetch_many(holder.get_job_ids(), connection=client) if job]
            _note(shown, queue.name, where, found)
    shown["workers"] = {worker.name: str(worker.get_state()) for worker in Worker.all(connection=client)}
    return shown


def dashboard(port: int, db: int) -> Shown:
    import rq_dashboard
    from flask import Flask
    from rq_dashboard import default_settings, web

    app = Flask("benchmark")
    app.config.from_object(default_settings)
    app.config["RQ_DASHBOARD_REDIS_URL"] = f"redis://127.0.0.1:{port}/{db}"
    web.setup_rq_connection(app)
    app.register_blueprint(rq_dashboard.blueprint, url_prefix="/rq")
    app.config["PROPAGATE_EXCEPTIONS"] = True
    client = app.test_client()

    def get(path: str) -> Any:
        return client.get(f"/rq/0/data/{path}.json").json

    shown = _nothing()
    for queue in get("queues")["queues"]:
        for where in LISTS:
            jobs = get(f"jobs/{queue['name']}/{where}/1000/asc/1")["jobs"]
            _note(shown, queue["name"], where, [job["id"] for job in jobs])
    shown["workers"] = {worker["name"]: worker["state"] for worker in get("workers")["workers"]}
    return shown


def _nothing() -> Shown:
    return {"jobs": {}, "queues": {}, "workers": {}}


def _note(shown: Shown, queue: str, where: str, found: list[str]) -> None:
    if found:
        shown["queues"].setdefault(queue, {})[where] = len(found)
    for job_id in found:
        shown["jobs"].setdefault(job_id, []).append(where)


def main() -> None:
    look: Callable[[int, int], Shown] = dashboard if sys.argv[1] == "rq-dashboard" else rq
    for line in sys.stdin:
        port, db = map(int, line.split())
        try:
            shown = look(port, db)
        except Exception as error:
            shown = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(shown), flush=True)


if __name__ == "__main__":
    main()
