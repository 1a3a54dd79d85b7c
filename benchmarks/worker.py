"""A real rq worker that knows Frappe's wrapper by name. Arguments: port, most jobs (0: goes on), queues."""

from __future__ import annotations

import os
import sys
import time
import types
from typing import Any

import redis
import work
from rq import Worker


def execute_job(method: str, kwargs: dict[str, Any], **_others: Any) -> str:
    if method == work.FAIL:
        raise ValueError(f"{kwargs['name']} is not in stock")
    if method == work.HOLD:
        worker = os.getppid()
        while os.getppid() == worker:
            time.sleep(0.2)
    return kwargs["name"]


def truncate_failed_registry(*_arguments: Any) -> None:
    """Frappe's callback on failure."""


def main() -> None:
    names = ("frappe", "frappe.utils", "frappe.utils.background_jobs")
    modules = [sys.modules.setdefault(name, types.ModuleType(name)) for name in names]
    for parent, child, name in zip(modules, modules[1:], names[1:], strict=False):
        setattr(parent, name.rpartition(".")[2], child)
    modules[-1].execute_job = execute_job  # type: ignore[attr-defined]
    modules[-1].truncate_failed_registry = truncate_failed_registry  # type: ignore[attr-defined]
    port, most, *queues = sys.argv[1:]
    worker = Worker(queues, connection=redis.Redis(port=int(port)))
    worker.work(burst=most != "0", max_jobs=int(most) or None, logging_level="WARNING")


if __name__ == "__main__":
    main()
