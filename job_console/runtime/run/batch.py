"""One round trip for all that a hook asks of Redis."""

from collections.abc import Callable
from functools import partial
from typing import Any

from job_console.engine.redis.link import Pipeline, Redis, pipelined


class Batch:
    def __init__(self, redis: Redis) -> None:
        self.pipeline: Pipeline = pipelined(redis)
        self._wanted: list[tuple[int, Callable[[Any], object]]] = []

    def then(self, do: Callable[[Any], object]) -> None:
        """What is to be done with the answer to the command that was put on the pipeline last."""
        self._wanted.append((len(self.pipeline) - 1, do))

    def go(self) -> list[Callable[[], object]]:
        """Send everything; returns a call for each answer, which raises where Redis refused the command."""
        answers = self.pipeline.execute(raise_on_error=False)
        return [partial(_pass_on, answers[place], do) for place, do in self._wanted]


def _pass_on(answer: Any, do: Callable[[Any], object]) -> None:
    if isinstance(answer, Exception):
        raise answer
    do(answer)
