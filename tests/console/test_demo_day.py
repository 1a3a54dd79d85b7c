"""The demo's day before: its charts go on, where its workers begin, as they were."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from job_console.console import demo_day
from job_console.engine.service import Viewer

from ..support.site import Site


def runs(found: dict[str, Any]) -> list[int]:
    return [well + failed for well, failed in zip(found["total"]["runs"], found["total"]["failed"], strict=True)]


def test_it_has_as_many_runs_as_the_workers_do(redis: Any, site: Site) -> None:
    now, a_minute = datetime.now(timezone.utc), sum(demo_day.A_MINUTE.values())
    demo_day.write(redis, now)
    history = site.engine.console(Viewer("tester@here")).history
    for last, minutes in (("15m", 1), ("1h", 1), ("6h", 3), ("24h", 60)):
        found = history.read(last=last, until=now.isoformat())
        whole = runs(found)[1:-1]  # a day ago it begins within its hour, and the last one is not over
        assert all(0.5 * a_minute < count / minutes < 1.5 * a_minute for count in whole), (last, whole)
        assert all(all(lane["depth"][1:-1]) for lane in found["queues"] if lane["label"] != "reports")
        assert set(found["workers"]["alive"][1:-1]) == {4.0}
    assert all(redis.ttl(key) > 0 for key in redis.scan_iter("rq:job_console:*"))
