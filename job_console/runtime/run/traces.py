"""The span of the current run, from before the job until after it: see `runtime.traces`."""

from job_console.engine.models.jobs import Call
from job_console.engine.progress import early_exit
from job_console.engine.redis import keys
from job_console.engine.traces import limits

from .. import traces
from ..current_run import CurrentRun
from . import outcome
from .batch import Batch

#: Set while nobody takes spans in time.
LATE = keys.own("traces_late")


def begin(run: CurrentRun, asked: Call, batch: Batch) -> None:
    if run.span is not None:
        run.span.again(run.handled_before)
        return
    spans = traces.spans()
    if spans is None:
        return
    run.span = spans.RunSpan(run.job, asked, traces.service())
    batch.pipeline.get(LATE)
    batch.then(lambda late: _begun(run, bool(late)))
    if (meta := run.span.noted(run.job.meta)) is not None:
        run.job.meta = meta
        batch.pipeline.hset(run.job.key, "meta", run.job.serializer.dumps(meta))


def _begun(run: CurrentRun, late: bool) -> None:
    run.span.late = late
    if run.tries_known:
        run.span.attempt((run.tries.failed if run.tries else 0) + 1)


def end(run: CurrentRun) -> None:
    """Nothing of it may be waited for longer than `FLUSH_S`, and that once a minute."""
    ended = outcome.ending(run)
    if run.span is None or ended is None:
        return
    span, run.span = run.span, None
    span.end(_outcome(ended.error), None if isinstance(ended.error, early_exit.EarlyExit) else ended.error)
    if span.late:
        return
    from job_console.engine.traces import sdk

    if not sdk.flush(limits.FLUSH_S):
        run.job.connection.set(LATE, 1, ex=limits.LATE_S)


def _outcome(error: BaseException | None) -> str:
    if isinstance(error, early_exit.EarlyExit):
        return _EARLY.get(type(error), "ended early")
    return outcome.named(error)


_EARLY: dict[type[BaseException], str] = {
    early_exit.StopAsked: "stopped",
    early_exit.HandedOver: "handed over",
    early_exit.Parked: "parked",
}
