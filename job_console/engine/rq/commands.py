"""What RQ's own commands say to a worker, so that they can be sent in one step with something else (Lua's PUBLISH).

RQ's functions are asked for the words themselves: each version of it has its own.
"""

from __future__ import annotations

from typing import Any

#: (channel, message)
Letter = tuple[str, str]


def stop_job(worker: str, job_id: str) -> Letter:
    from rq.command import send_command  # all of rq: who only looks need not wait for it

    return _said(lambda redis: send_command(redis, worker, "stop-job", job_id=job_id))


def shutdown(worker: str) -> Letter:
    from rq.command import send_shutdown_command

    return _said(lambda redis: send_shutdown_command(redis, worker))


class _Listener:
    """In the place of Redis: it keeps what would have been published."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def publish(self, channel: str, message: str) -> int:
        self.letters.append((channel, message))
        return 0


def _said(send: Any) -> Letter:
    listener = _Listener()
    send(listener)
    (letter,) = listener.letters
    return letter
