"""Jobs that hang, each in its own way. Each lets its stack be read first, as the hook does in a bench."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import fcntl
import itertools
import json
import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rq import get_current_job

from job_console.engine.redis.link import pipelined
from job_console.engine.stacks import serving


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """As `runtime.run.stacks`."""
    job = get_current_job()
    pipeline = pipelined(job.connection)
    serving.announce(pipeline, job.id, worker=job.worker_name)
    if pipeline.execute()[-1]:
        serving.start(job.connection)
    try:
        yield
    finally:
        serving.withdraw(pipeline, job.id)
        pipeline.execute()


def socket_read(port: int) -> None:
    with watched(), socket.create_connection(("127.0.0.1", port)) as other:
        other.recv(1)


def http_get(port: int) -> None:
    import urllib.request

    with watched():
        urllib.request.urlopen(f"http://127.0.0.1:{port}/")


def http_get_with_timeout(port: int) -> None:
    import urllib.request

    with watched():
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=100)


def sleep() -> None:
    with watched():
        time.sleep(100)


def row_lock(path: str) -> None:
    with watched(), contextlib.closing(sqlite3.connect(path, timeout=100)) as database:
        database.execute("begin immediate")


def threads_deadlock() -> None:
    first, second = threading.Lock(), threading.Lock()
    both = threading.Barrier(2)

    def take(one: threading.Lock, other: threading.Lock) -> None:
        with one:
            both.wait()
            with other:
                pass

    with watched():
        threading.Thread(target=take, args=(second, first), daemon=True).start()
        take(first, second)


def waits_for_a_working_thread() -> None:
    """No deadlock: somebody works on it."""
    with watched():
        helper = threading.Thread(target=time.sleep, args=(100,), daemon=True)
        helper.start()
        helper.join()


def own_lock_twice() -> None:
    lock = threading.Lock()
    with watched(), lock, lock:
        pass


def python_loop() -> None:
    with watched():
        count = 0
        while True:
            count += 1
            count %= 1000


def regular_expression() -> None:
    """One that never ends, in C code that lets no other thread of the process run, and looks for signals."""
    with watched():
        re.match(r"(a+)+$", "a" * 64 + "b")


def c_call_with_gil() -> None:
    """C code that hears nothing."""
    with watched():
        sum(itertools.repeat(1))


def c_wait_with_gil() -> None:
    """Waits in C, and no other thread of the process can run."""
    reading, _writing = os.pipe()
    with watched():
        ctypes.PyDLL(None).read(reading, ctypes.create_string_buffer(1), 1)


def child() -> None:
    with watched():
        subprocess.run([sys.executable, "-c", "import time; time.sleep(100)"], check=True)


def file_lock(path: str) -> None:
    with watched(), Path(path).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def pipe_read() -> None:
    reading, _writing = os.pipe()
    with watched():
        os.read(reading, 1)


def waits_for_room(path: str) -> None:
    """Its disk is full: it tries again, a good while later."""
    with watched(), Path(path).open("wb", buffering=0) as file:
        while True:
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * 4096)
            time.sleep(100)


def demands_room(path: str) -> None:
    """Its disk is full: it tries again, at once."""
    with watched(), Path(path).open("wb", buffering=0) as file:
        while True:
            with contextlib.suppress(OSError):
                file.write(b"x" * 4096)


def database_without_room(path: str) -> None:
    with watched(), contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("create table row (text text)")
        while True:
            with contextlib.suppress(sqlite3.OperationalError):
                while True:
                    database.execute("insert into row values (?)", ("x" * 4096,))
            time.sleep(100)


def write_file(path: str) -> None:
    with watched():
        Path(path).write_text("x")


def works() -> None:
    """Comes on: here, there, and there."""
    with watched():
        while True:
            for step in (first_step, second_step):
                step()


def first_step() -> None:
    spend(range(20_000))


def second_step() -> None:
    spend(range(30_000))


def spend(numbers: Iterable[int]) -> int:
    return sum(number * number for number in numbers)


def deep() -> None:
    """Far down."""

    def down(depth: int) -> None:
        if depth:
            down(depth - 1)
        else:
            time.sleep(100)

    with watched():
        down(200)


def many_threads() -> None:
    with watched():
        for _ in range(30):
            threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
        time.sleep(100)


def more_threads_than_are_read() -> None:
    """More than a dump names. All wait for ever, but for the youngest, which works."""
    other = threading.Event()
    with watched():
        for _ in range(110):
            threading.Thread(target=other.wait, daemon=True).start()
        helper = threading.Thread(target=time.sleep, args=(100,), daemon=True)
        helper.start()
        helper.join()


def joins_a_busy_thread() -> None:
    with watched():
        helper = threading.Thread(target=lambda: deque(map(item, itertools.count()), maxlen=0), daemon=True)
        helper.start()
        helper.join()


def waits_for_a_pool() -> None:
    with watched(), ThreadPoolExecutor(4) as pool:
        while True:
            deque(pool.map(item, range(200)), maxlen=0)


def item(number: int) -> int:
    """Makes and frees objects, as work does."""
    rows = json.loads(json.dumps([{"number": number, "text": str(place)} for place in range(50)]))
    return sum(len(str(sorted(row.items()))) for row in rows)


def a_thread_blocks_signals() -> None:
    """That of `faulthandler` itself does, and those of ZeroMQ."""
    faulthandler.dump_traceback_later(100)
    with watched():
        time.sleep(100)


def blocks_signals() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    with watched():
        time.sleep(100)


def sleeps_by_select() -> None:
    with watched():
        select.select([], [], [], 100)


def named_pipe_read(path: str) -> None:
    os.mkfifo(path)
    with watched(), Path(path).open("r+b", buffering=0) as pipe:
        pipe.read(1)


def named_pipe_open(path: str) -> None:
    os.mkfifo(path)
    with watched(), Path(path).open("rb"):
        pass


def inotify_read() -> None:
    with watched():
        os.read(ctypes.CDLL(None).inotify_init(), 1)
