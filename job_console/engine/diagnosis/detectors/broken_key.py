"""`broken_key`: a key of RQ's holds something else than RQ's data: what ought to stand there cannot be seen or served.

A worker that asks for it fails, and tries again. It comes from other software on the same Redis, or from a hand.

Wrong if: another program owns that key, and no queue of that name is in use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...messages import _, listed
from ...models.bench import Bench
from ...models.warnings import Warning
from ...redis import keys

#: Of the sets that stand for the whole bench.
_NOBODY = {
    keys.QUEUES: _(
        "No job can be enqueued: {key} holds not what RQ keeps there. Which queues there are is known from the workers "
        "only."
    ),
    keys.WORKERS: _(
        "No worker can start: {key} holds not what RQ keeps there. Those that run are known by their lanes."
    ),
}


def detect(bench: Bench) -> Iterator[Warning]:
    for key in bench.broken:
        yield Warning(
            code="broken_key",
            severity="critical",
            message=_NOBODY[key].format(key=key),
            evidence={"keys": [key]},
            needs_proof=True,
            about=key,
        )
    for lane in bench.lanes:
        if lane.broken:
            yield Warning(
                code="broken_key",
                severity="critical",
                queue=lane.name,
                message=_cannot_be_served(lane.label, lane.broken),
                evidence={"keys": list(lane.broken)},
                needs_proof=True,
            )
    for worker in bench.workers:
        if worker.state == "broken":
            key = keys.worker(worker.name)
            yield Warning(
                code="broken_key",
                severity="warning",
                worker=worker.name,
                message=_("Of worker {worker} nothing is known: {key} holds not what RQ keeps there.").format(
                    worker=worker.name, key=key
                ),
                evidence={"keys": [key]},
                needs_proof=True,
            )


def _cannot_be_served(lane: str, broken: Sequence[str]) -> str:
    if len(broken) == 1:
        return _("{lane} cannot be served: {key} holds not what RQ keeps there.").format(lane=lane, key=broken[0])
    return _("{lane} cannot be served: {keys} hold not what RQ keeps there.").format(lane=lane, keys=listed(broken))
