"""Which workers RQ's commands (stop, shutdown) reach: each subscribes to a channel of its own when it starts.

That is a connection besides the one that it takes work by, and it may die alone: RQ 1 never subscribes again then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..models.workers import Worker
from ..redis import keys
from ..redis.link import Pipeline
from ..rq.records import text


def ask(pipeline: Pipeline, names: Iterable[str]) -> None:
    """One command."""
    pipeline.pubsub_numsub(*map(keys.commands, names))


def judge(found: Sequence[Worker], answer: Any) -> list[Worker]:
    """An error: this user of Redis may not ask, and nothing is known."""
    counts = {text(channel): count for channel, count in answer} if isinstance(answer, list) else {}
    return [replace(worker, deaf=counts.get(keys.commands(worker.name)) == 0) for worker in found]
