"""From anywhere: where is this job, and end it. Asked through Redis, answered by the reader of the job's host."""

from __future__ import annotations

import json
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from .. import keys, limits
from ..link import Redis, pipelined
from . import serving
from .arming import host, possible
from .models import Armed, Seen

_POLL_S = 0.05
#: What can be asked for.
WHERE, INTERRUPT, KILL = "where", "interrupt", "kill"


class NotSeen(Exception):
    """Why nobody can say where the job is, fit for people."""


def ask(redis: Redis, job_id: str) -> Seen | None:
    """Two samples of the process that runs this job; None: that process is gone. Raises NotSeen."""
    return Seen.from_plain(_question(redis, job_id, WHERE)["seen"])


def interrupt(redis: Redis, job_id: str, text: str) -> bool:
    """Let its process leave the job, wherever it is in its Python code; its failure says `text`. Whether it has
    begun to. Raises NotSeen.
    """
    return bool(_question(redis, job_id, INTERRUPT, text)["done"])


def kill(redis: Redis, job_id: str) -> bool:
    """SIGKILL to the process that runs it. Raises NotSeen."""
    return bool(_question(redis, job_id, KILL)["done"])


def _question(redis: Redis, job_id: str, what: str, said: str = "") -> Any:
    armed = Armed.from_text(redis.hget(keys.ARMED, job_id) or b"")
    if armed is None:
        raise NotSeen(
            "Nobody knows its process: it is gone, it began before Job Console was installed, or its host cannot do it"
        )
    if possible() and armed.host == host():
        _see_to_a_reader(redis)
    question = uuid4().hex
    pipeline = pipelined(redis)
    note = {"question": question, "job_id": job_id, "what": what, "text": said}
    pipeline.rpush(keys.stack_questions(armed.host), json.dumps(note))
    pipeline.expire(keys.stack_questions(armed.host), int(limits.READER_ALIVE_S))
    pipeline.execute()
    answer = _wait(redis, keys.stack_answer(question))
    if answer is None:
        name = armed.host.partition(":")[0]
        raise NotSeen(f"Nobody on its host, {name}, answers: the host is gone, or too busy")
    return answer


def _see_to_a_reader(redis: Redis) -> None:
    pipeline = pipelined(redis)
    serving.ask_whether_wanted(pipeline)
    (wanted,) = pipeline.execute()
    if wanted:
        serving.start(redis)


def _wait(redis: Redis, key: str) -> Any:
    deadline = monotonic() + limits.STACK_ANSWER_S
    while monotonic() < deadline:
        answer: Any = redis.lpop(key)
        if answer is not None:
            return json.loads(answer)
        sleep(_POLL_S)
    return None
