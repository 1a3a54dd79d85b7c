"""`serve` and `demo` as processes: they start, answer, and leave nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis as redis_py

from job_console.console.embedded import Embedded, embedded_server, free_port
from job_console.engine.redis import keys
from job_console.engine.stacks import process
from job_console.engine.stacks.arming import host
from tests.support.processes import MARK, ROOT, marked

from .conftest import COMMAND, clean_environment

Start = Callable[..., "Running"]


class Running:
    def __init__(self, process: subprocess.Popen[str], name: str) -> None:
        self.process = process
        self.name = name
        assert process.stdout
        line = process.stdout.readline()
        found = re.search(r"on (\S+) .*: (http://\S+)", line)
        assert found, f"{line!r}, then: {process.communicate(timeout=60)}"
        self.redis, self.url = f"redis://{found[1]}", found[2]
        self.said = line

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)

    def end(self, how: signal.Signals) -> int:
        os.kill(self.process.pid, how)
        return self.process.wait(20)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start("serve", "--port", "0")`: returns when the page's address was printed."""
    started: list[Running] = []

    def start(*arguments: str) -> Running:
        name = f"{tmp_path.name}-{len(started)}@{os.getpid()}"
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=ROOT,
            env=clean_environment(TMPDIR=str(tmp_path), PYTHONUNBUFFERED="1", **{MARK: name}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(Running(process, name))
        return started[-1]

    yield start
    for running in started:
        for pid in marked(running.name):
            os.kill(pid, signal.SIGKILL)
        running.process.communicate(timeout=60)


def is_open(url: str) -> bool:
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", address.port or 0)) == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serve_ends_cleanly(start: Start, server: Embedded, redis: Any, how: signal.Signals) -> None:
    running = start("--redis", server.url, "serve", "--port", "0")
    assert running.get("healthz") == {"status": "ok"}
    with urllib.request.urlopen(running.url + "api/events", timeout=60) as stream:  # somebody still listens
        assert stream.readline().startswith(b"retry")
        assert running.end(how) == 0
    assert not is_open(running.url)
    assert running.process.stderr
    assert running.process.stderr.read() == ""


def test_serve_starts_without_redis_and_recovers(start: Start, wait_until: Any) -> None:
    port = free_port()
    running = start("--redis", f"redis://:pa55word@127.0.0.1:{port}", "serve", "--port", "0")
    with pytest.raises(urllib.error.HTTPError, match="503") as refused:
        running.get("api/snapshot")
    refused.value.close()
    with embedded_server(password="pa55word", port=port):
        assert wait_until(lambda: unattended(running, "api/snapshot"))["queues"] == []
    running.end(signal.SIGTERM)
    assert running.process.stderr
    said = running.process.stderr.read()
    assert "recovers by itself" in said
    assert "pa55word" not in said + running.said


def unattended(running: Running, path: str) -> Any:
    """The answer, or None while it is an error."""
    try:
        return running.get(path)
    except urllib.error.HTTPError as error:
        error.close()
        return None


class TestDemo:
    def test_it_is_alive_and_full_of_faults(self, start: Start, wait_until: Any) -> None:
        running = start("demo")
        expected = {"worker_lost", "blocked_schedule", "ghost_queued", "no_workers", "orphan_id", "timeout_near"}
        wait_until(lambda: codes(running) >= expected, 80, f"{expected} are found")
        snapshot = running.get("api/snapshot")
        assert {queue["label"] for queue in snapshot["queues"]} == {"short", "default", "long", "reports"}
        assert len([worker for worker in snapshot["workers"] if worker["state"] in ("idle", "busy")]) == 4
        wait_until(lambda: running.get("api/jobs?status=finished")["total"] > 5, 40)
        (job, *_rest) = running.get("api/jobs?status=finished&queue=demo-bench:short")["jobs"]
        assert job["method"].startswith("shop.")
        assert job["site"].endswith(".example")
        entries = [each for known in running.get("api/schedule")["schedules"] for each in known["entries"]]
        assert {each["method"] for each in entries} >= {"shop.tasks.pull_email", "shop.exports.export_ledger"}
        # Its headlines are true: a cause with many failures, a lock and who waits for it, incidents, history.
        (group, *_others) = running.get("api/failures")["groups"]
        assert (group["method"], group["count"] >= 20) == ("shop.payments.capture", True)
        wait_until(lambda: any(lock["waiters"] for lock in running.get("api/locks")["locks"]), 80, "somebody waits")
        assert {each["code"] for each in running.get("api/open_incidents")["incidents"]} >= {
            "worker_lost",
            "no_workers",
        }
        assert all(len(each["runs"]) > 10 for each in entries if each["method"] == "shop.tasks.pull_email")
        # Its workers count their runs, so that the page can say what is usual.
        wait_until(lambda: any(queue["drain_s"] for queue in running.get("api/snapshot")["queues"]), 40)
        self.leaves_nothing(running, signal.SIGINT, wait_until)

    def test_a_killed_worker_is_replaced(self, start: Start, wait_until: Any) -> None:
        running = start("demo")
        (victim, *_rest) = wait_until(lambda: [each for each in workers(running) if "short" in each["name"]])
        os.kill(victim["pid"], signal.SIGKILL)

        def replaced() -> bool:
            return any("short" in each["name"] and each["name"] != victim["name"] for each in workers(running))

        wait_until(replaced, 20)
        self.leaves_nothing(running, signal.SIGTERM, wait_until)

    def test_even_a_kill_leaves_no_process(self, start: Start, tmp_path: Path, wait_until: Any) -> None:
        running = start("demo")
        wait_until(lambda: len(workers(running)) >= 4, 20)
        pid = reader(running, wait_until)
        running.end(signal.SIGKILL)
        wait_until(lambda: not marked(running.name), message="workers and server are gone")
        wait_until(lambda: not process.lives(pid), message="the reader of its jobs is gone")
        (left,) = [folder for folder in tmp_path.iterdir() if folder.is_dir()]
        start("demo").end(signal.SIGINT)
        assert not left.exists(), "the next one removes what it could not"

    @staticmethod
    def leaves_nothing(running: Running, how: signal.Signals, wait_until: Any) -> None:
        assert marked(running.name)
        pid = reader(running, wait_until)
        assert running.end(how) == 0
        assert not process.lives(pid), "the reader of its jobs, which is nobody's child"
        wait_until(lambda: not marked(running.name), 5, "all processes are gone")
        assert not is_open(running.url)
        assert not is_open(running.redis)
        assert running.process.stderr
        assert running.process.stderr.read() == ""


def test_the_demo_leaves_no_file(start: Start, tmp_path: Path) -> None:
    running = start("demo")
    assert list(tmp_path.iterdir())
    running.end(signal.SIGINT)
    assert list(tmp_path.iterdir()) == []
    assert tempfile.gettempdir() != str(tmp_path)


def reader(running: Running, wait_until: Any) -> int:
    """The process that the demo's jobs have started."""
    client = redis_py.Redis.from_url(running.redis)
    holder = wait_until(lambda: re.match(rb"(\d+) ", client.get(keys.stack_reader(host())) or b""), 20, "it is there")
    client.close()
    return int(holder[1])


def codes(running: Running) -> set[str]:
    return {warning["code"] for warning in running.get("api/warnings")["warnings"]}


def workers(running: Running) -> list[dict[str, Any]]:
    return list(running.get("api/snapshot")["workers"])
