"""What a test on a bench has left in Redis is found wherever it stands, and only what is new and its own is removed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rq import Queue, Retry

from job_console.bridge.tests import left_behind

SITE = "here.example"


def enqueue(redis: Any, job_id: str, lane: str = "bench:short") -> None:
    Queue(lane, connection=redis).enqueue("shop.sync", "a", job_id=job_id)


def test_all_that_a_test_left_is_found_and_nothing_else_is_touched(redis: Any, workers: Any, wait_until: Any) -> None:
    enqueue(redis, f"{SITE}||before")
    before = left_behind.standing(redis)
    enqueue(redis, f"{SITE}||fails", "bench:long")
    workers.start("bench:long")
    wait_until(lambda: redis.hget(f"rq:job:{SITE}||fails", "status") == b"failed")
    enqueue(redis, f"{SITE}||waits")
    enqueue(redis, "there.example||theirs")
    queue = Queue("bench:short", connection=redis)
    queue.enqueue_in(timedelta(hours=1), "shop.sync", job_id=f"{SITE}||later", retry=Retry(max=1))
    queue.enqueue("shop.sync", job_id=f"{SITE}||after", depends_on=f"{SITE}||waits")
    redis.lrem("rq:queue:bench:short", 0, f"{SITE}||waits")
    left = left_behind.of_sites(left_behind.standing(redis) - before, SITE)
    found = {entry.job_id.partition(":")[0].removeprefix(f"{SITE}||") for entry in left}
    assert found == {"fails", "waits", "later", "after"}
    assert any("shop.sync, made at" in line for line in left_behind.described(redis, left))
    left_behind.remove(redis, left)
    now = left_behind.standing(redis)
    assert before <= now
    assert {entry.job_id for entry in now - before if not entry.key.startswith("rq:worker")} == {
        "there.example||theirs"
    }
