"""`worker_deaf`: a worker whose subscription to RQ's commands is gone: `stop` and `shutdown` do not reach it.

It takes work by another connection, so nothing else shows it. RQ 1 never subscribes again; RQ 2 tries again for as long
as the connection was lost, a minute apart at most, and gives up when Redis refuses (a user without channels).

Of a killed worker, too, all connections are closed at once, minutes before its record expires.

Wrong if: the worker has just begun, or a server that has just started is not reached yet (both are given time); or this
server is not the one that it talks to: a replica does not count the subscribers of its primary.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import _
from ...models.bench import Bench
from ...models.warnings import Warning
from ...models.workers import Worker
from .. import limits


def detect(bench: Bench) -> Iterator[Warning]:
    uptime = bench.redis.uptime_s
    if bench.redis.replica_of or (uptime is not None and uptime < limits.SUBSCRIBE_S):
        return
    for worker in bench.workers:
        if _should_listen(bench, worker) and worker.deaf:
            yield Warning(
                code="worker_deaf",
                severity="warning",
                worker=worker.name,
                message=_(
                    "Commands do not reach worker {worker}: it has lost that connection, or its process is gone. As "
                    "long as it lives it takes work, but nobody can stop its jobs at once or tell it to end after its "
                    "job. Restart it."
                ).format(worker=worker.name),
                evidence={
                    "host": worker.host,
                    "pid": worker.pid,
                    "queues": list(worker.queues),
                    "state": worker.state,
                    "version": worker.version,
                },
                needs_proof=True,
            )


def _should_listen(bench: Bench, worker: Worker) -> bool:
    """One that was told to stop needs to hear no more; one that has just begun subscribes after it is registered."""
    if not worker.alive or worker.draining_since is not None or worker.born_at is None:
        return False
    return (bench.at - worker.born_at).total_seconds() > limits.BORN_S
