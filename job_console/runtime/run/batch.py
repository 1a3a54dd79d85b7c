"""Collects the commands of all parts of a hook, to send them to Redis in one round trip."""

from collections.abc import Callable
from functools import partial
from typing import Any

from job_console.engine.redis.link import Pipeline, Redis, pipelined


class Batch:
    def __init__(self, redis: Redis) -> None:
        self.pipeline: Pipeline = pipelined(redis)
        self._wanted: list[tuple[int, Callable[[Any], object]]] = []

    def then(self, do: Callable[[Any], object]) -> None:
        """Call `do` with the answer to the command that was put on the pipeline last."""
        self._wanted.append((len(self.pipeline) - 1, do))

    def go(self) -> list[Callable[[], object]]:
        """Send everything; returns a call for each answer, which raises where Redis refused the command."""
        answers = self.pipeline.execute(raise_on_error=False)
        return [partial(_pass_on, answers[place], do) for place, do in self._wanted]


def _pass_on(answer: Any, do: Callable[[Any], object]) -> None:
    if isinstance(answer, Exception):
        raise answer
    do(answer)
