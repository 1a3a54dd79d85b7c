"""`job-console watch` as a unit of systemd: what it says on the socket that a unit of `Type=notify` has."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from job_console.console.embedded import Embedded
from job_console.engine.errors import BadRequest
from job_console.engine.host.service_manager import ServiceManager
from job_console.engine.redis import keys
from tests.support.processes import ROOT

from .conftest import COMMAND, clean_environment

WAIT_S = 30.0


class Manager:
    """The side of systemd: what it was told, one by one."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.settimeout(WAIT_S)

    def told(self) -> list[str]:
        return self._socket.recv(4096).decode().split("\n")

    def until(self, line: str) -> list[str]:
        while line not in (told := self.told()):
            pass
        return told

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@job-console-test-{os.getpid()}"
    found = Manager(address)
    yield found
    found.close()


def test_the_watcher_is_ready_then_alive_then_ends(server: Embedded, redis: Any, manager: Manager) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--redis", server.url, "watch", "--every", "1"],
        cwd=ROOT,
        env=clean_environment(NOTIFY_SOCKET=manager.address, WATCHDOG_USEC="60000000"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        assert manager.told() == ["READY=1", "WATCHDOG=1", "STATUS=0 warnings are open."]
        assert manager.told()[0] == "WATCHDOG=1"
        redis.set(keys.SUSPENDED, 1)
        assert manager.until("STATUS=1 warning is open.")[0] == "WATCHDOG=1"
        process.send_signal(signal.SIGTERM)
        manager.until("STOPPING=1")
        assert process.wait(WAIT_S) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_manager_that_would_kill_it_between_two_looks_is_refused(run: Any) -> None:
    refused = run("watch", "--every", "20", WATCHDOG_USEC="30000000")
    assert (refused.code, "WatchdogSec= of the unit is 30 s" in refused.err) == (2, True)


def test_a_watchdog_of_another_process_counts_for_nothing() -> None:
    ServiceManager({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}).check(every_s=5)
    with pytest.raises(BadRequest):
        ServiceManager({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": str(os.getpid())}).check(every_s=5)


def test_nobody_listens(tmp_path: Path) -> None:
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}):
        manager = ServiceManager(environment)
        manager.alive("fine")
        manager.ending()


def test_a_manager_that_reads_nothing_stops_nobody(manager: Manager) -> None:
    """The queue of a datagram socket is short; then a blocking `sendto` waits."""
    told = ServiceManager({"NOTIFY_SOCKET": manager.address})
    talks = threading.Thread(target=lambda: [told.alive("x" * 500) for _ in range(2000)], daemon=True)
    talks.start()
    talks.join(WAIT_S)
    assert not talks.is_alive()
