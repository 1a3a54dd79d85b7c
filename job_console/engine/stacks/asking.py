"""Asks the reader of a job's host, through Redis, where the job is, to interrupt it, or to kill its process.

A question names the run that it is about, and until when its answer is waited for, so that a late interruption does not
hit the next run of the same job.
"""

from __future__ import annotations

import json
from datetime import datetime
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from ..messages import _, unpack
from ..models.stacks import Armed, Profile, Seen
from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.records import moment
from . import limits, serving
from .arming import host, possible

_POLL_S = 0.05
#: The kinds of questions.
WHERE, PROFILE, INTERRUPT, KILL = "where", "profile", "interrupt", "kill"
#: What is told, and not asked for: see `tell_of_bench`.
BENCH = "bench"


class NotSeen(Exception):
    """Why nobody knows where the job is, as a sentence for people."""


def ask(redis: Redis, job_id: str) -> Seen | None:
    """Two samples of the process that runs this job; None: that process is gone. Raises NotSeen."""
    armed, until, _started_at = _armed(redis, job_id)
    return Seen.from_plain(_question(redis, armed, until, WHERE)["seen"])


def profile(redis: Redis, job_id: str) -> Profile | None:
    """Where its main thread was during some seconds; None: that process is gone. Raises NotSeen."""
    armed, until, _started_at = _armed(redis, job_id)
    answer = _question(redis, armed, until, PROFILE, wait_s=limits.STACK_ANSWER_S + limits.PROFILE_S)
    return Profile.from_plain(answer["profile"])


def give(redis: Redis, question: str, answer: dict[str, Any]) -> None:
    """The reader's answer to a question, kept for as long as somebody may wait for it."""
    pipeline = pipelined(redis)
    pipeline.rpush(keys.stack_answer(question), json.dumps(answer))
    pipeline.expire(keys.stack_answer(question), int(2 * limits.STACK_ANSWER_S))
    pipeline.execute()


def interrupt(redis: Redis, job_id: str, started_at: datetime | None, text: str) -> bool:
    """Interrupt the run that started at `started_at`: its process raises `StopAsked` with `text`, wherever it is in its
    Python code. Returns whether it has. Raises NotSeen.
    """
    return bool(_question(redis, *_of_run(redis, job_id, started_at), INTERRUPT, text)["done"])


def kill(redis: Redis, job_id: str, started_at: datetime | None) -> bool:
    """Send SIGKILL to the process of the run that started at `started_at`. Raises NotSeen."""
    return bool(_question(redis, *_of_run(redis, job_id, started_at), KILL)["done"])


def _of_run(redis: Redis, job_id: str, started_at: datetime | None) -> tuple[Armed, float]:
    armed, until, now_started_at = _armed(redis, job_id)
    if now_started_at != started_at:
        raise NotSeen(_("That run has ended"))
    return armed, until


def _armed(redis: Redis, job_id: str) -> tuple[Armed, float, datetime | None]:
    """(the process of the job, until when an answer is waited for, by the clock of Redis, when the current run
    started). The process is read first, so that the process of a later run is never taken for this one's.
    """
    pipeline = pipelined(redis)
    pipeline.hget(keys.ARMED, job_id)
    pipeline.hget(keys.job(job_id), "started_at")
    pipeline.time()
    value, started_at, (seconds, microseconds) = pipeline.execute()
    armed = Armed.from_text(value or b"")
    if armed is None:
        raise NotSeen(
            _(
                "Nobody knows its process: it is gone, it began before Job Console was installed, or its host cannot "
                "do it"
            )
        )
    return armed, seconds + microseconds / 1e6 + limits.STACK_ANSWER_S, moment(started_at)


def tell_of_bench(redis: Redis, queue_prefix: str, folder: str | None) -> None:
    """The reader of this host is to look after this bench, too. It was told lately: nothing is done."""
    sent = keys.own("reader_told", host(), queue_prefix)
    if not redis.set(sent, 1, nx=True, ex=int(limits.READER_ALIVE_S)):
        return
    asked = keys.stack_questions(host())
    pipeline = pipelined(redis)
    pipeline.rpush(asked, json.dumps({"what": BENCH, "queue_prefix": queue_prefix, "folder": folder}))
    pipeline.expire(asked, int(limits.READER_ALIVE_S))
    pipeline.execute()


def _question(
    redis: Redis, armed: Armed, until: float, what: str, text: str = "", wait_s: float = limits.STACK_ANSWER_S
) -> Any:
    if possible() and armed.host == host():
        _see_to_a_reader(redis)
    question, asked = uuid4().hex, keys.stack_questions(armed.host)
    note = json.dumps({"question": question, "run": armed.run, "what": what, "text": text, "until": until})
    pipeline = pipelined(redis)
    pipeline.rpush(asked, note)
    pipeline.expire(asked, int(limits.READER_ALIVE_S))
    pipeline.execute()
    answer = _wait(redis, keys.stack_answer(question), wait_s)
    if answer is None:
        redis.lrem(asked, 1, note)
        name = armed.host.partition(":")[0]
        raise NotSeen(_("Nobody on its host, {name}, answers: the host is gone, or too busy").format(name=name))
    if answer.get("problem"):
        raise NotSeen(unpack(answer["problem"]))
    return answer


def _see_to_a_reader(redis: Redis) -> None:
    pipeline = pipelined(redis)
    serving.ask_whether_wanted(pipeline)
    (wanted,) = pipeline.execute()
    if wanted:
        serving.start(redis)


def _wait(redis: Redis, key: str, wait_s: float) -> Any:
    deadline = monotonic() + wait_s
    while monotonic() < deadline:
        answer: Any = redis.lpop(key)
        if answer is not None:
            return json.loads(answer)
        sleep(_POLL_S)
    return None
