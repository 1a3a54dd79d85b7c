"""What a viewer does to lanes, workers, methods and the whole bench, and what a deploy waits for."""

from __future__ import annotations

from ..diagnosis import drain as draining
from ..jobs import operations
from ..operate import wire as operate_wire
from ..wire import Json, outcomes_json
from .context import Context, full_name

#: Operations whose target is a lane.
_ON_A_LANE = ("pause_queue", "resume_queue", "move_waiting")


class Operations:
    def __init__(self, context: Context) -> None:
        self._context = context

    def run(
        self, action: str, target: str = "", seconds: float | None = None, reason: str = "", to: str | None = None
    ) -> Json:
        """Do one of `operations.OPERATIONS` to a lane, a worker, a method (SITE:METHOD) or the bench.

        A lane may be named by its label where only one bears it. Raises Forbidden, BadRequest.
        """
        self._context.require_operate()
        engine, viewer, scope = self._context.engine, self._context.viewer, self._context.scope
        bench = self._context.look().bench
        if action in _ON_A_LANE:
            target, to = full_name(bench, target), full_name(bench, to) if to else None
        asked = operations.Operation(action, viewer.name, target, seconds, reason.strip(), to)
        with self._context.changing():
            return outcomes_json(operations.run(engine.redis, engine.reader, bench, scope, asked))

    def drain(self) -> Json:
        """What still runs, and when it is safe to deploy. `run("suspend", …)` begins it, the action `resume` ends."""
        bench = self._context.look().bench
        held = operate_wire.bench(bench, self._context.viewer.site, self._context.redaction.text)
        return draining.to_json(draining.look(bench), self._context.scope, {"suspension": held["suspension"]})
