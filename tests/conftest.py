"""Fixtures for all tests: a private server for the session, emptied for each test, and real workers."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Callable, Iterator

import pytest
import redis as redis_py
from hypothesis import HealthCheck, settings

from job_console.console import embedded
from job_console.console.embedded import Embedded, embedded_server

from .support.marks import mark_rq
from .support.processes import Workers
from .support.waiting import wait_until as _wait_until

# A machine that stands still for a moment proves nothing.
settings.register_profile("job_console", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("job_console")

#: Another server's binary, to run everything on: an old Redis, or a new one.
if os.environ.get("JOB_CONSOLE_TEST_SERVER"):
    embedded.find_binary = lambda: os.environ["JOB_CONSOLE_TEST_SERVER"]


@pytest.hookimpl(tryfirst=True)  # before pytest looks at -m
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_rq(items)


def pytest_collection_finish() -> None:
    """A process of the tests collects garbage all the time, and what it has imported is none."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    """A real server of our own on a free port: `server.url`, `server.port`, `server.pid`."""
    with embedded_server() as running:
        yield running


@pytest.fixture(scope="session")
def locked_server() -> Iterator[Embedded]:
    """Another one that wants a password: `locked_server.password`."""
    with embedded_server(password="sesame-0815") as running:
        yield running


@pytest.fixture
def own_server() -> Iterator[Embedded]:
    """One for this test alone, which may stop it: `os.kill(own_server.pid, …)`."""
    with embedded_server() as running:
        yield running


@pytest.fixture
def redis(server: Embedded) -> Iterator[redis_py.Redis]:
    """A connection to our own server, which is empty."""
    with contextlib.closing(redis_py.Redis.from_url(server.url)) as client:
        client.flushall()
        yield client
        client.connection_pool.disconnect()


@pytest.fixture
def workers(server: Embedded, redis: redis_py.Redis) -> Iterator[Workers]:
    """Starts real workers: `workers.start("short", "default", name="w1")`. None outlives the test."""
    crew = Workers(server.url)
    try:
        yield crew
    finally:
        crew.end_all()
        _wait_until(lambda: not crew.left(), message="all workers are gone")


@pytest.fixture(scope="session")
def wait_until() -> Callable[..., object]:
    return _wait_until
