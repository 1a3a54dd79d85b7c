"""`job-console watch` as a process: tells what opens and closes, outlives a dead Redis, and ends when it is told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from job_console.console import watching
from job_console.console.embedded import Embedded, embedded_server, free_port
from job_console.console.watching import CLOSES_AFTER, Watcher
from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.redis import keys
from job_console.engine.service import Engine, Viewer
from job_console.engine.watch.sweep import Duty
from tests.engine import bench
from tests.support.processes import MARK, ROOT, marked

from .conftest import COMMAND, clean_environment

WAIT_S = 30.0


class Watching:
    """The process, and the lines that it has printed."""

    def __init__(self, url: str, name: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "--redis", url, "watch", "--every", "1", *arguments],
            cwd=ROOT,
            env=clean_environment(PYTHONUNBUFFERED="1", **{MARK: name}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self._printed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._printed:
                self.lines.append(line.rstrip("\n"))
                self._printed.notify_all()

    def until(self, wanted: Callable[[str], Any]) -> str:
        """The first line that is wanted, already printed or still to come."""
        with self._printed:
            assert self._printed.wait_for(lambda: any(map(wanted, self.lines)), WAIT_S), self.lines
        return next(filter(wanted, self.lines))

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        os.kill(self.process.pid, how)
        assert self.process.stderr
        said = self.process.stderr.read()
        return self.process.wait(WAIT_S), said

    def clean_up(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream
            stream.close()


@pytest.fixture
def watching_at(tmp_path: Any) -> Iterator[Callable[..., Watching]]:
    started: list[Watching] = []
    name = f"{tmp_path.name}@{os.getpid()}"

    def start(url: str, *arguments: str) -> Watching:
        started.append(Watching(url, name, *arguments))
        return started[-1]

    yield start
    for each in started:
        each.clean_up()
    assert marked(name) == []


def event(name: str) -> Callable[[str], bool]:
    return lambda line: json.loads(line)["event"] == name


def test_it_tells_what_opens_and_what_closes(server: Embedded, redis: Any, watching_at: Any) -> None:
    watcher = watching_at(server.url, "--json")
    redis.set(keys.SUSPENDED, 1)
    opened = json.loads(watcher.until(event("opened")))
    assert (opened["warning"]["code"], opened["warning"]["severity"]) == ("suspended", "critical")
    redis.delete(keys.SUSPENDED)
    closed = json.loads(watcher.until(event("closed")))
    assert (closed["warning"]["id"], closed["at"] > opened["at"]) == (opened["warning"]["id"], True)
    assert watcher.end() == (0, "")
    assert [json.loads(line)["event"] for line in watcher.lines] == ["opened", "closed"]


def test_it_sweeps(server: Embedded, redis: Any, watching_at: Any, wait_until: Any) -> None:
    watching_at(server.url)
    wait_until(lambda: redis.hexists(keys.sweep(""), "remember"), WAIT_S)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_people_read_lines(server: Embedded, redis: Any, watching_at: Any, how: signal.Signals) -> None:
    watcher = watching_at(server.url)
    assert watcher.until(lambda line: "Watching" in line).startswith("Watching 127.0.0.1:")
    redis.set(keys.SUSPENDED, 1)
    assert "suspended  All workers are suspended" in watcher.until(lambda line: "opened" in line)
    assert watcher.end(how) == (0, "")


def test_it_outlives_a_redis_that_goes_and_comes(watching_at: Any) -> None:
    port = free_port()
    with embedded_server(port=port) as running:
        watcher = watching_at(running.url, "--json")
    assert "127.0.0.1" in json.loads(watcher.until(event("unreachable")))["message"]
    with embedded_server(port=port):
        watcher.until(event("reachable"))
        assert watcher.end() == (0, "")
    assert len([line for line in watcher.lines if event("unreachable")(line)]) == 1


def test_it_starts_while_redis_is_away_and_hides_the_password(watching_at: Any) -> None:
    watcher = watching_at(f"redis://:sesame-0815@127.0.0.1:{free_port()}")
    watcher.until(lambda line: "cannot be reached" in line)
    assert watcher.end() == (0, "")
    assert "0815" not in "".join(watcher.lines)


def test_once(run: Any, redis: Any) -> None:
    (job_id,) = bench.fill(redis, 1)
    redis.delete(keys.queue(bench.SHORT))
    found = run("watch", "--once", "--json")
    assert (found.code, [each["code"] for each in found.json["warnings"]]) == (0, ["ghost_queued"])
    assert redis.hexists(keys.sweep(""), "remember")
    redis.delete(keys.job(job_id))
    assert run("watch", "--once").out.startswith("Nothing needs you.")


def test_once_without_redis(run: Any) -> None:
    assert run("watch", "--once", url="redis://127.0.0.1:1").code == 5


class TestEvents:
    @pytest.fixture
    def engine(self, redis: Any) -> Engine:
        return Engine(redis)

    @pytest.fixture
    def step(self, engine: Engine) -> Callable[[], list[tuple[str, str]]]:
        watcher = Watcher(engine, Viewer("w"), every_s=0.1)

        def once() -> list[tuple[str, str]]:
            engine.watch.forget()
            events = list(watcher.step())
            return [(each["event"], each.get("duty") or each["warning"]["code"]) for each in events]

        return once

    def test_one_look_that_misses_it_closes_nothing(self, redis: Any, step: Any) -> None:
        for _ in range(2):
            redis.set(keys.SUSPENDED, 1)
            step()
            redis.delete(keys.SUSPENDED)
            assert [step() for _ in range(CLOSES_AFTER - 1)] == [[]] * (CLOSES_AFTER - 1)
        assert step() == [("closed", "suspended")]

    def test_a_change_of_severity_is_reported(self, redis: Any, engine: Engine, step: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr(diagnosis_limits, "PROOF_S", 0.05)
        bench.fill(redis, 100, enqueued_at=bench.ago(1))
        for wall, events in ((105, [[], [("opened", "overloaded")]]), (100, [[("changed", "overloaded")], []])):
            engine.watch.enqueue_limit = lambda wall=wall: wall
            reported = []
            for _ in range(2):
                reported.append(step())
                threading.Event().wait(diagnosis_limits.PROOF_S)
            assert reported == events

    def test_a_duty_that_fails_is_reported_once(self, redis: Any, engine: Engine, step: Any) -> None:
        def broken(*_: Any) -> None:
            raise ValueError("on purpose")

        def sweep(do: Any) -> None:
            redis.delete(keys.sweep_lease("", "odd"))
            engine.sweep([Duty("odd", do)])

        sweep(broken)
        assert [step(), step()] == [[("duty_failed", "odd")], []]
        sweep(lambda *_: None)
        assert step() == [("duty_recovered", "odd")]


def test_hosts_sweep_while_they_serve(
    redis: Any, server: Embedded, wait_until: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(watching, "SWEEP_EVERY_S", 0.05)
    stopped, engine = threading.Event(), Engine(redis)
    failures = iter([ValueError("on purpose")])
    sweep = engine.sweep

    def moody(*duties: Any) -> Any:
        for failure in failures:
            raise failure
        return sweep(*duties)

    monkeypatch.setattr(engine, "sweep", moody)
    watching.keep_sweeping(engine, stopped)
    try:
        wait_until(lambda: redis.hexists(keys.sweep(""), "remember"))
    finally:
        stopped.set()
        wait_until(lambda: "job-console-sweep" not in {each.name for each in threading.enumerate()})
    assert "A sweep failed" in caplog.text
