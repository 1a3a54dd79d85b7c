"""docs/rq-fields.md has every field that the installed rq writes: a new one is read, or left with a reason."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rq
from redis import Redis
from rq import Retry
from rq.job import Dependency

from job_console.engine.look import workers as look_workers
from job_console.engine.redis import keys
from job_console.engine.rq import records

from ...support.processes import Workers
from ..bench import SHORT, enqueue, status

DOCS = Path(__file__).resolve().parents[3] / "docs" / "rq-fields.md"
ENGINE = Path(__file__).resolve().parents[3] / "job_console" / "engine"
RQ = tuple(int(part) for part in rq.VERSION.split(".")[:2])
ROW = re.compile(r"^\| `([\w:-]+)` \| ([\d.]+) \| (.+?) \| (.+) \|$", re.M)


def table(title: str) -> dict[str, tuple[str, str]]:
    """Field → (who reads it, what for) in this section, of those that the installed version may write."""
    section = DOCS.read_text().partition(f"\n## {title}")[2].partition("\n## ")[0]
    rows = ROW.findall(section)
    assert rows, title
    return {name: (who, why) for name, since, who, why in rows if tuple(map(int, since.split("."))) <= RQ}


def check(title: str, fields: set[str]) -> None:
    unknown = fields - table(title).keys()
    assert not unknown, (
        f"rq {rq.VERSION} writes {sorted(unknown)}, which docs/rq-fields.md ({title}) does not have: "
        "say there who reads it and for what, or why nobody does."
    )


def names(found: dict[Any, Any]) -> set[str]:
    return {key.decode() for key in found}


def test_a_job_with_everything_set(redis: Redis) -> None:
    first = enqueue(redis)
    job = enqueue(
        redis,
        depends_on=Dependency(jobs=[first], allow_failure=True, enqueue_at_front=True),
        retry=Retry(max=2, interval=[1, 2]),
        meta={"x": 1},
        ttl=60,
    )
    for name, value in vars(job).items():
        if value is None and name.endswith(("_left", "_timeout", "_of_retries", "_ttl")):
            setattr(job, name, 1)
        elif value is None and name.endswith("_intervals"):
            setattr(job, name, [1])
    job._result, job._exc_info = "fine", "not fine"
    fields = set(job.to_dict())
    assert {"retries_left", "meta", "exc_info", "allow_dependency_failures", "ttl"} <= fields
    check("A job", fields)


def test_what_a_life_leaves(redis: Redis, workers: Workers, wait_until: Callable[..., object]) -> None:
    worker = workers.start(SHORT, name="w1")
    for method in ("say_hello", "fail"):
        done = enqueue(redis, f"tests.jobs.{method}")
        wait_until(lambda done=done: status(redis, done.id) in ("finished", "failed"))
        check("A job", names(redis.hgetall(done.key)))
        for _entry, fields in redis.xrange(keys.results(done.id)):
            check("A result", names(fields))
    job = enqueue(redis, "tests.jobs.slow_until", kwargs={"key": "test:go"})
    wait_until(lambda: status(redis, job.id) == "started")
    check("A job", names(redis.hgetall(job.key)))
    for key in redis.scan_iter("rq:execution:*"):
        check("An execution", names(redis.hgetall(key)))
    os.kill(worker.pid, signal.SIGTERM)
    wait_until(lambda: redis.hexists(keys.worker("w1"), "shutdown_requested_date"))
    check("A worker", names(redis.hgetall(keys.worker("w1"))))
    redis.set("test:go", 1)
    worker.wait(20)
    left = names(redis.hgetall(keys.worker("w1")))
    assert "death" in left
    check("A worker", left)


def test_the_table_names_what_is_there() -> None:
    source = "\n".join(path.read_text() for path in Path(rq.__file__).parent.rglob("*.py"))
    for title in ("A job", "A worker", "An execution", "A result", "Registries"):
        for name, (who, why) in table(title).items():
            assert name in source, f"rq {rq.VERSION} has no {name} any more"
            assert why
            for module in re.findall(r"`([\w/.]+)`", who):
                file = f"{module}.lua" if module.startswith("lua/") else f"{module.split('.')[0]}.py"
                assert any(ENGINE.rglob(file)), f"{name} is read by {module}, which is not there"


def test_the_table_names_every_field_that_is_read() -> None:
    """All versions' rows: a field is asked for whether or not the installed rq writes it."""
    text = DOCS.read_text()
    for title, module, fields in (("A job", "records", records.FIELDS), ("A worker", "workers", look_workers._FIELDS)):
        section = text.partition(f"\n## {title}")[2].partition("\n## ")[0]
        named = {name for name, _since, who, _why in ROW.findall(section) if f"`{module}`" in who}
        assert named == set(fields), f"{title}: what docs/rq-fields.md says {module} reads"


def test_every_detector_says_when_it_is_wrong() -> None:
    from job_console.engine.diagnosis import detectors

    for detect in detectors.DETECTORS:
        module = __import__(detect.__module__, fromlist=["x"])
        assert "Wrong if" in (module.__doc__ or ""), f"{detect.__module__}: what if its verdict were wrong?"
