"""Workers that obey, and pauses that last as long as a test wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from job_console.engine.operate import limits as operate_limits
from job_console.engine.service import Console, Engine, Viewer

Operate = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def short_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operate_limits, "HOLD_MIN_S", 0.1)


@pytest.fixture
def operate(engine: Engine) -> Operate:
    """operate("pause_queue", SHORT, 600): one outcome, of what is so now."""

    def one(action: str, target: str = "", seconds: float | None = None, reason: str = "a test", **more: Any) -> Any:
        engine.watch.forget()
        (result,) = engine.console(Viewer("mia@here", may_act=True)).operations.run(
            action, target, seconds, reason, **more
        )["results"]
        return result

    return one


@pytest.fixture
def obeying(workers: Any, wait_until: Callable[..., object], redis: Any) -> Callable[..., Any]:
    """obeying(SHORT, DEFAULT): a worker that obeys, and waits for work."""

    def start(*queues: str, extra: tuple[str, ...] = (), **options: Any) -> Any:
        process = workers.start(*queues, extra=("--obey", *extra), **options)
        wait_until(
            lambda: redis.zscore("rq:job_console:obedient", process.worker_name) is not None or options.get("burst"),
            message="it obeys",
        )
        return process

    return start


@pytest.fixture
def lane(now: Callable[[], dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    return lambda name: next(queue for queue in now()["queues"] if queue["name"] == name)


@pytest.fixture
def row(now: Callable[[], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    return lambda process: next(each for each in now()["workers"] if each["name"] == process.worker_name)


__all__ = ["Console"]
