"""Our lock beside redis-py's own and python-redis-lock, in one run on one server.

    python -m benchmarks.locks [--seconds S] [--contenders N]

Alone: how long taking and giving back lasts, and how many round trips that is. Contended: how often N contenders get
it in S seconds when each holds it for a millisecond, how long they wait, and what they send. Fairness is the longest
wait over the median one: 1 is first come first served, and a large number is somebody who was passed over.
Without python-redis-lock (pip install python-redis-lock) it compares with redis-py's lock alone.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import redis
from redis.connection import Connection

from job_console.console.embedded import embedded_server
from job_console.engine.locks.heartbeat import HEARTBEAT
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.terms import Terms

#: A lock for the contender of this number.
Maker = Callable[[redis.Redis, str], AbstractContextManager[Any]]


def ours(client: redis.Redis, name: str) -> AbstractContextManager[Any]:
    return Lock(client, f"site|{name}", Terms(ttl_s=60, wait_s=60))


def redis_py(client: redis.Redis, name: str) -> AbstractContextManager[Any]:
    return client.lock(f"redis-py:{name}", timeout=60, blocking_timeout=60)


def python_redis_lock(client: redis.Redis, name: str) -> AbstractContextManager[Any]:
    import redis_lock

    return redis_lock.Lock(client, name, expire=60, auto_renewal=True)


class Sent:
    """Counts what all clients of this process send."""

    def __init__(self) -> None:
        self.count = 0
        self._real = Connection.send_packed_command

    def __enter__(self) -> Sent:
        real = self._real

        def send(connection: Any, command: Any, *args: Any, **kwargs: Any) -> Any:
            self.count += 1
            return real(connection, command, *args, **kwargs)

        Connection.send_packed_command = send  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        Connection.send_packed_command = self._real  # type: ignore[method-assign]


def alone(client: redis.Redis, maker: Maker, rounds: int = 2000) -> tuple[float, float, float]:
    """Median and 99th percentile of one acquisition and release, in microseconds; round trips of it."""
    for _ in range(50):
        with maker(client, "alone"):
            pass
    took = []
    with Sent() as sent:
        for _ in range(rounds):
            began = time.perf_counter()
            with maker(client, "alone"):
                pass
            took.append(time.perf_counter() - began)
    took.sort()
    return statistics.median(took) * 1e6, took[int(rounds * 0.99)] * 1e6, sent.count / rounds


def contended(client: redis.Redis, maker: Maker, contenders: int, seconds: float) -> dict[str, float]:
    waits: list[float] = []
    shares = [0] * contenders
    start = threading.Barrier(contenders + 1)
    over = threading.Event()

    def contend(number: int) -> None:
        start.wait()
        while not over.is_set():
            began = time.perf_counter()
            with maker(client, "contended"):
                waits.append(time.perf_counter() - began)
                shares[number] += 1
                time.sleep(0.001)

    threads = [threading.Thread(target=contend, args=(number,)) for number in range(contenders)]
    for thread in threads:
        thread.start()
    with Sent() as sent:
        start.wait()
        time.sleep(seconds)
        done, commands = len(waits), sent.count
        got = list(shares)
        over.set()
        for thread in threads:
            thread.join()
    waits.sort()
    median = statistics.median(waits)
    return {
        "per second": done / seconds,
        "median wait ms": median * 1e3,
        "longest wait ms": waits[-1] * 1e3,
        "fairness": waits[-1] / max(median, 0.001),
        "commands each": commands / max(done, 1),
        "least got": min(got),
        "most got": max(got),
    }


@contextlib.contextmanager
def connected(contenders: int) -> Iterator[redis.Redis]:
    with embedded_server() as server, contextlib.closing(redis.Redis(port=server.port)) as client:
        warm = [client.connection_pool.get_connection("PING") for _ in range(contenders)]
        for connection in warm:
            client.connection_pool.release(connection)
        yield client
        client.connection_pool.disconnect()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--contenders", type=int, default=50)
    asked = options.parse_args()
    makers: dict[str, Maker] = {"job_console": ours, "redis-py": redis_py}
    if importlib.util.find_spec("redis_lock"):
        makers["python-redis-lock"] = python_redis_lock
    with connected(asked.contenders) as client:
        print(f"{'alone':<20}{'median µs':>12}{'p99 µs':>12}{'round trips':>14}")
        for name, maker in makers.items():
            median, p99, trips = alone(client, maker)
            print(f"{name:<20}{median:>12.0f}{p99:>12.0f}{trips:>14.2f}")
        print()
        rows = {name: contended(client, maker, asked.contenders, asked.seconds) for name, maker in makers.items()}
        heads = list(next(iter(rows.values())))
        print(f"{asked.contenders} contenders".ljust(20) + "".join(f"{head:>17}" for head in heads))
        for name, row in rows.items():
            print(f"{name:<20}" + "".join(f"{row[head]:>17,.1f}" for head in heads))
        HEARTBEAT.stop()


if __name__ == "__main__":
    main()
