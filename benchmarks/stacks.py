"""What it costs a job to be looked at: armed and taken back, and sampled while it computes, also for a profile.

    python -m benchmarks.stacks [--jobs N] [--rounds N] [--seconds N]

with this repository in PYTHONPATH and its demo's libraries. It starts a server of its own. Contestants take turns, each
job in a process that is forked for it; medians of all. "Sampled" means ten dumps a second: the reader of a host takes
one each 30 seconds. "Profiled" is what the drawer's *Sample it* does, for as long as the job computes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import redis

from job_console.console.embedded import embedded_server
from job_console.engine.host import profiling
from job_console.engine.models.stacks import Armed
from job_console.engine.redis.link import pipelined
from job_console.engine.stacks import arming, limits, sample, serving


def in_a_fork(work: Callable[[], float]) -> float:
    """What `work` answers in a horse of its own."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.write(writing, repr(work()).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        return float(answer.read())


def empty(url: str, watched: bool) -> float:
    """Seconds of a horse that reaches Redis before and after a job that does nothing, as our hooks do anyway."""
    connection: Any = redis.Redis.from_url(url)
    connection.ping()
    start = time.perf_counter()
    pipeline = pipelined(connection)
    pipeline.ping()
    if watched:
        serving.announce(pipeline, "job")
    pipeline.execute()
    pipeline.ping()
    if watched:
        serving.withdraw(pipeline, "job")
    pipeline.execute()
    return time.perf_counter() - start


def rounds_of_work(seconds: float, look: Callable[[Armed], object] | None = None) -> float:
    """Rounds per second of processor time of a loop in Python, while a second process looks at it."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        armed = arming.arm("job")
        os.write(writing, (armed.text() if armed else "").encode() + b"\n")
        count, began = 0, time.process_time()
        while time.process_time() - began < seconds:
            sum(range(500))
            count += 1
        os.write(writing, repr(count / (time.process_time() - began)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        armed = Armed.from_text(answer.readline())
        if look and armed:
            look(armed)
        reported = answer.read()
    os.waitpid(pid, 0)
    return float(reported)


def dumped(armed: Armed) -> None:
    while sample.take(armed):
        time.sleep(0.1)


def profiled(armed: Armed) -> None:
    while (found := profiling.take(armed)) and found.samples:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    asked = parser.parse_args()
    plain, watched, alone, looked_at, in_profile = [], [], [], [], []
    with embedded_server() as server:
        # Somebody has the reader's place: none is started.
        redis.Redis.from_url(server.url).set(serving.keys.stack_reader(arming.host()), "benchmark")
        for _ in range(asked.rounds):
            for _ in range(asked.jobs):
                plain.append(in_a_fork(lambda: empty(server.url, watched=False)))
                watched.append(in_a_fork(lambda: empty(server.url, watched=True)))
            alone.append(rounds_of_work(asked.seconds))
            looked_at.append(rounds_of_work(asked.seconds, dumped))
            in_profile.append(rounds_of_work(asked.seconds, profiled))
    without, with_it = statistics.median(plain) * 1000, statistics.median(watched) * 1000
    alone_s, sampled_s, profiled_s = (statistics.median(each) for each in (alone, looked_at, in_profile))
    print("| | without | with | |\n| --- | ---: | ---: | ---: |")
    hooks = f"{without:.2f} ms | {with_it:.2f} ms | +{with_it - without:.2f} ms"
    print(f"| hooks around an empty job in a fresh horse | {hooks} |")
    print(f"| a loop in Python, sampled ten times a second | 100% | {sampled_s / alone_s:.1%} | |")
    often = round(1 / limits.PROFILE_EVERY_S)
    print(f"| the same, profiled ({often} times a second) | 100% | {profiled_s / alone_s:.1%} | |")


if __name__ == "__main__":
    main()
