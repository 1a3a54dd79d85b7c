"""The sweep gives the places of killed holders to the jobs that wait for them, as nothing else notices the kill."""

from __future__ import annotations

from ..concurrency import places
from ..progress import hand_over
from ..redis.link import pipelined, reaching_redis
from .shared import Core
from .watch import Look


def give_places(engine: Core, look: Look) -> None:
    with reaching_redis():
        pipeline = pipelined(engine.redis)
        for name in places.waited_for(engine.redis):
            places.look(pipeline, name)
        pipeline.execute()
        _bring_back_the_forgotten(engine, look)


def _bring_back_the_forgotten(engine: Core, look: Look) -> None:
    """Put parked jobs back into their queues when their place is not known any more; they ask for one again when they
    start.
    """
    waiting = [job for lane in look.bench.lanes for job in lane.parked if places.place_of(job)]
    for job, stands in zip(waiting, places.stands(engine.redis, waiting), strict=True):
        if not stands:
            hand_over.wake(engine.redis, job.id, look.bench.at)
