"""A process that holds a lock: python -m tests.support.locker NAME TTL. Prints its token; ends on a line of input.

The server's URL stands in $JOB_CONSOLE_TEST_REDIS. Its last line says whether the lock was its own to the end.
"""

from __future__ import annotations

import os
import sys

import redis

from job_console.console.die_with_parent import tie_to_parent
from job_console.engine.errors import LockLost
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.locks import Who

from .worker import VARIABLE


def main() -> None:
    tie_to_parent()
    name, ttl, wait = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    connection = redis.from_url(os.environ[VARIABLE], socket_timeout=5)
    try:
        with Lock(connection, name, LockOptions(ttl_s=ttl, wait_s=wait), Who(pid=os.getpid(), host="here")) as lock:
            print("token", lock.token, flush=True)  # noqa: T201  that is how it speaks
            sys.stdin.readline()
            lock.check()
    except LockLost:
        print("lost", flush=True)  # noqa: T201
    else:
        print("kept", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
