"""Reads many jobs in one round trip, and caches their decoded payloads."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

from redis.exceptions import ResponseError

from ..models.jobs import Call, Job
from ..progress import flags, record
from ..redis import keys
from ..redis.link import Pipeline, Redis, denied, pipelined, script
from ..retries.models import attempt
from ..retries.models import from_json as tried_so_far
from ..rq import call, records, swallowed_failures
from ..rq import limits as rq_limits
from ..rq.endings import Kept
from . import limits


class JobReader:
    """One per process. Thread-safe: the only state is a bounded cache of decoded payloads."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self._calls: OrderedDict[tuple[str, bytes, int], Call] = OrderedDict()
        self._lock = Lock()
        #: The times to live that it has met in records; they tell where in a registry the newest jobs are.
        self.kept = Kept()
        #: Our user of Redis may not use our own keys.
        self._without_ours = False

    def read(self, job_ids: Sequence[str]) -> list[Job]:
        """The jobs, in order; ids without a record come back with status `vanished`. One round trip."""
        if not job_ids:
            return []
        pipeline = pipelined(self.redis)
        self.queue_reads(pipeline, job_ids)
        try:
            return self.jobs(job_ids, pipeline.execute())
        except ResponseError as error:
            if self._without_ours or not denied(error):
                raise
        self._without_ours = True  # from now on; who gets more rights starts anew
        return self.read(job_ids)

    def queue_reads(self, pipeline: Pipeline, job_ids: Sequence[str]) -> None:
        """Put the script calls for `job_ids` on a pipeline; give `jobs` their answers."""
        text = script("read_jobs")
        for start in range(0, len(job_ids), limits.READ_CHUNK):
            chunk = job_ids[start : start + limits.READ_CHUNK]
            names = [name for job_id in chunk for name in _keys(job_id, self._without_ours)]
            pipeline.eval(
                text,
                1 + len(names),
                keys.job(chunk[0]) if self._without_ours else keys.RETRIES,
                *names,
                rq_limits.PAYLOAD_BYTES,
                limits.PAYLOAD_HEAD_BYTES,
                rq_limits.ERROR_BYTES,
                rq_limits.ERROR_HEAD_BYTES,
                *records.FIELDS,
            )

    def jobs(self, job_ids: Sequence[str], answers: Sequence[Sequence[Any]]) -> list[Job]:
        rows = [row for answer in answers for row in answer]
        return [self._job(job_id, row) for job_id, row in zip(job_ids, rows, strict=True)]

    def _job(self, job_id: str, row: Sequence[Any] | None) -> Job:
        if row is None:
            return records.job(job_id, None)
        job = records.job(job_id, row, self._call(job_id, row))
        self.kept.learn(job)
        progress, asked, tried, failed_unseen, _size, retry_at = row[len(records.FIELDS) + 5 :][:6]
        if not progress and not asked and not tried and not failed_unseen and not retry_at:
            return job
        tries = tried_so_far(tried, job.created_at)
        return replace(
            job,
            attempt=job.attempt if tries is None else attempt(tries, job.status),
            tries=tries,
            retry_at=records.from_score(records.number(retry_at)),
            error=job.error or swallowed_failures.read(failed_unseen, job.started_at),
            progress=record.read(progress, job.status, job.started_at),
            asked=flags.of_run(asked, job.started_at) if job.status == "started" else {},
            asked_to_end=job.status == "failed" and flags.ended_so(asked, job.started_at),
        )

    def _call(self, job_id: str, row: Sequence[Any]) -> Call:
        length = int(row[len(records.FIELDS)])
        # An id may be used again (Frappe's scheduled jobs are); its payload then has another birth.
        key = (job_id, row[records.FIELDS.index("created_at")] or b"", length)
        with self._lock:
            known = self._calls.get(key)
            if known is not None:
                self._calls.move_to_end(key)
                return known
        read = call.read(job_id, row[len(records.FIELDS) + 1], length, records.text(row[records.DESCRIPTION]))
        with self._lock:
            self._calls[key] = read
            while len(self._calls) > limits.DECODED_CACHE:
                self._calls.popitem(last=False)
        return read


def _keys(job_id: str, without_ours: bool = False) -> tuple[str, ...]:
    """In the order in which lua/read_jobs.lua wants them."""
    if without_ours:
        return keys.job(job_id), keys.results(job_id), *[keys.job(job_id)] * 4
    ours = (keys.progress, keys.asked, keys.tries, keys.hidden_failure)
    return keys.job(job_id), keys.results(job_id), *(name(job_id) for name in ours)
