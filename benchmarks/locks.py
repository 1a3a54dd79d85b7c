"""Our lock beside redis-py's own and python-redis-lock, in one run on one server.

    python -m benchmarks.locks [--seconds S] [--contenders N] [--times K]

Alone: how long taking and giving back lasts, and how many round trips that is. Contended, when each of N holds it for
one millisecond, and for ten: how often they get it in S seconds, whoever does; and how long it takes until each of them
has had it K times. How long they wait, and what they send for each acquisition. Fairness is the longest wait over the
median one: 1 is first come first served, and a large number is somebody who was passed over.
Without python-redis-lock (pip install python-redis-lock) it compares with redis-py's lock alone.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import random
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
from job_console.engine.locks.options import LockOptions

#: A lock of this name.
Maker = Callable[[redis.Redis, str], AbstractContextManager[Any]]
#: What is measured, by its name.
Row = dict[str, float]

HOLDS_S = (0.001, 0.010)


def ours(client: redis.Redis, name: str) -> AbstractContextManager[Any]:
    return Lock(client, f"site|{name}", LockOptions(ttl_s=60, wait_s=60))


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


def alone(client: redis.Redis, makers: dict[str, Maker], rounds: int = 5000) -> dict[str, Row]:
    """One acquisition and release with nobody in the way. Contestants take turns in a random order, and the first of
    two goes counts for none of them: what the one before left behind (threads that end, cold caches) is not theirs.
    """
    took: dict[str, list[float]] = {name: [] for name in makers}
    round_trips = {name: _round_trips(client, maker) for name, maker in makers.items()}
    turns = list(makers.items())
    for _ in range(rounds):
        random.shuffle(turns)
        for name, maker in turns:
            with maker(client, "alone"):
                pass
            began = time.perf_counter()
            with maker(client, "alone"):
                pass
            took[name].append(time.perf_counter() - began)
    rows = {}
    for name, times in took.items():
        times.sort()
        tenth, median, p99 = (times[int(rounds * share)] * 1e6 for share in (0.1, 0.5, 0.99))
        rows[name] = {"fastest 10th µs": tenth, "median µs": median, "p99 µs": p99, "round trips": round_trips[name]}
    return rows


def _round_trips(client: redis.Redis, maker: Maker, rounds: int = 200) -> float:
    for _ in range(50):
        with maker(client, "alone"):
            pass
    with Sent() as sent:
        for _ in range(rounds):
            with maker(client, "alone"):
                pass
    return sent.count / rounds


class Crowd:
    """Threads that take the lock again and again, and hold it for a moment."""

    def __init__(self, client: redis.Redis, maker: Maker, contenders: int, hold_s: float) -> None:
        self.client = client
        self.maker = maker
        self.hold_s = hold_s
        #: How often each has got it; seconds that each acquisition took.
        self.shares = [0] * contenders
        self.waits: list[float] = []
        self.start = threading.Barrier(contenders + 1)

    @contextlib.contextmanager
    def at_work(self, goes_on: Callable[[int], bool]) -> Iterator[Sent]:
        """Until `goes_on`, asked with how often it has got it so far, says no to each of them."""

        def contend(number: int) -> None:
            self.start.wait()
            while goes_on(self.shares[number]):
                began = time.perf_counter()
                with self.maker(self.client, "contended"):
                    self.waits.append(time.perf_counter() - began)
                    self.shares[number] += 1
                    time.sleep(self.hold_s)

        threads = [threading.Thread(target=contend, args=(number,)) for number in range(len(self.shares))]
        for thread in threads:
            thread.start()
        with Sent() as sent:
            self.start.wait()
            yield sent
            for thread in threads:
                thread.join()

    def waited(self) -> Row:
        waits = sorted(self.waits)
        median = statistics.median(waits)
        return {
            "median wait ms": median * 1e3,
            "longest wait ms": waits[-1] * 1e3,
            "fairness": waits[-1] / max(median, 1e-6),
        }


def for_a_while(client: redis.Redis, maker: Maker, contenders: int, hold_s: float, seconds: float) -> Row:
    """How often they get it in that time, whoever does."""
    crowd = Crowd(client, maker, contenders, hold_s)
    over = threading.Event()
    with crowd.at_work(lambda _share: not over.is_set()) as sent:
        time.sleep(seconds)
        done, commands, got = len(crowd.waits), sent.count, list(crowd.shares)
        over.set()
    shares = {"least got": min(got), "most got": max(got)}
    return {"per second": done / seconds, **crowd.waited(), "commands each": commands / max(done, 1), **shares}


def same_work(client: redis.Redis, maker: Maker, contenders: int, hold_s: float, times: int) -> Row:
    """Each must get it so many times: until the last of them is done."""
    crowd = Crowd(client, maker, contenders, hold_s)
    began = time.perf_counter()
    with crowd.at_work(lambda share: share < times) as sent:
        pass
    took = time.perf_counter() - began
    return {"seconds": took, **crowd.waited(), "commands each": sent.count / len(crowd.waits)}


@contextlib.contextmanager
def connected(contenders: int) -> Iterator[redis.Redis]:
    with embedded_server() as server, contextlib.closing(redis.Redis(port=server.port)) as client:
        warm = [client.connection_pool.get_connection("PING") for _ in range(contenders)]
        for connection in warm:
            client.connection_pool.release(connection)
        yield client
        client.connection_pool.disconnect()


def show(title: str, rows: dict[str, Row]) -> None:
    heads = list(next(iter(rows.values())))
    print(f"{title:<26}" + "".join(f"{head:>17}" for head in heads))
    for name, row in rows.items():
        print(f"{name:<26}" + "".join(f"{row[head]:>17,.1f}" for head in heads))
    print(flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--contenders", type=int, default=50)
    options.add_argument("--times", type=int, default=20)
    asked = options.parse_args()
    makers: dict[str, Maker] = {"job_console": ours, "redis-py": redis_py}
    if importlib.util.find_spec("redis_lock"):
        makers["python-redis-lock"] = python_redis_lock
    with connected(asked.contenders) as client:
        show("alone", alone(client, makers))
        for hold_s in HOLDS_S:
            crowd = (asked.contenders, hold_s)
            title = f"{asked.contenders} hold it for {hold_s * 1e3:g} ms"
            rows = {name: for_a_while(client, maker, *crowd, asked.seconds) for name, maker in makers.items()}
            show(title, rows)
            rows = {name: same_work(client, maker, *crowd, asked.times) for name, maker in makers.items()}
            show(f"{title}, {asked.times} x", rows)
        HEARTBEAT.stop()


if __name__ == "__main__":
    main()
