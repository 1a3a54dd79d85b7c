"""Long work of the demo, that tells how far it has come, and can be stopped, paused and handed over."""

from __future__ import annotations

import time

from rq import get_current_job

from job_console.engine.look.reader import JobReader
from job_console.engine.models.progress import Asked, Chunks, Parked
from job_console.engine.progress import early_exit, flags, hand_over, more_time
from job_console.engine.progress.meter import Meter
from job_console.engine.progress.stopped import end_as_stopped

#: Items of a chunk.
_CHUNK = 50
#: A line for so many.
_TOLD = 2_000


def perform(items: int, seconds: float, text: str) -> None:
    """Goes on where an earlier run of the same job left off."""
    job = get_current_job()
    if job is None:
        return
    redis = job.connection
    meter = Meter(redis, job.id)
    begun = JobReader(redis).read([job.id])[0].progress
    chunks = begun.chunks if begun is not None else None
    for done in range(chunks.committed if chunks else 0, items, _CHUNK):
        committed = Chunks(committed=done, run=chunks.run + 1 if chunks else 1)
        asked = dict(meter.report(done, items, text, chunks=committed))
        if flags.MORE_TIME in asked and not meter.last.extended_s:
            meter.report_now(extended_s=more_time.grant(redis, job, asked[flags.MORE_TIME].seconds))
        _leave(job, meter, asked)
        if done % _TOLD == 0:
            print(f"{text}: {done:,} of {items:,}")  # noqa: T201  for its log in the drawer
        time.sleep(seconds * _CHUNK / items)
    meter.report(items, items, text)
    meter.end(well=True)


def _leave(job: hand_over.RunningJob, meter: Meter, asked: dict[str, Asked]) -> None:
    if flags.STOP in asked:
        end_as_stopped(job)
        raise early_exit.StopAsked(f"Stopped {flags.words(asked, flags.STOP)}")
    if flags.PAUSE in asked:
        pause = asked[flags.PAUSE]
        meter.report_now(parked=Parked(pause.by, pause.at, pause.reason))
        hand_over.park(job)
        raise early_exit.Parked(f"Paused {flags.words(asked, flags.PAUSE)}")
    if flags.HAND_OVER in asked:
        hand_over.go_on(job)
        raise early_exit.HandedOver("The rest goes on in another run.")
