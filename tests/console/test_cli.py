"""The command line as a process: wrong usage, trouble with Redis, and where it finds its bench."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from job_console.console import cli
from job_console.console.embedded import Embedded
from tests.support.processes import ROOT

from .conftest import COMMAND, clean_environment, frappe_job


class TestWrongUsage:
    @pytest.mark.parametrize(
        "words",
        [
            ["frobnicate"],
            ["jobs", "--size", "many"],
            ["jobs", "--status", "sleepy"],
            ["jobs", "--size", "100000"],
            ["cancel"],
            ["move", "x"],
            ["serve", "--host", "0.0.0.0"],
            ["serve", "--token", "short"],
        ],
    )
    def test_exit_code_2(self, run: Any, words: list[str]) -> None:
        done = run(*words)
        assert done.code == 2
        assert done.out == ""
        assert done.err
        assert "Traceback" not in done.err

    def test_an_unknown_queue_to_move_to(self, run: Any, lane: Any) -> None:
        job = frappe_job(lane)
        done = run("move", job.id, "--to", "bench:nowhere")
        assert done.code == 2
        assert "bench:nowhere" in done.err
        assert lane.job_ids == [job.id]

    @pytest.mark.parametrize("url", ["http://:pa55word@127.0.0.1:1", "redis://:pa55word@127.0.0.1:port", "nonsense"])
    def test_an_address_that_is_none(self, run: Any, url: str) -> None:
        done = run("snapshot", url=url)
        assert done.code == 2
        assert "pa55word" not in done.err
        assert "Traceback" not in done.err


class TestRedisTrouble:
    def test_down_at_the_start(self, run: Any) -> None:
        done = run("snapshot", "--json", url="redis://:pa55word@127.0.0.1:1")
        assert (done.code, done.out) == (5, "")
        assert "pa55word" not in done.err
        assert "127.0.0.1:1" in done.err
        assert len(done.err.splitlines()) == 1

    @pytest.mark.parametrize("login", ["", ":wrong-0815@"])
    def test_a_password_that_is_missing_or_wrong(self, run: Any, locked_server: Embedded, login: str) -> None:
        done = run("snapshot", url=f"redis://{login}127.0.0.1:{locked_server.port}")
        assert done.code == 5
        assert "password" in done.err
        assert "wrong-0815" not in done.err

    def test_the_right_password(self, run: Any, locked_server: Embedded) -> None:
        done = run("snapshot", "--json", url=None, JOB_CONSOLE_REDIS=locked_server.url)
        assert done.code == 0
        assert str(locked_server.password) not in done.out + done.err

    def test_it_stops_answering_in_the_middle(self, own_server: Embedded) -> None:
        """A server that takes the connection and then says nothing, as a frozen one does."""
        with frozen(own_server.pid):
            began = subprocess.run(
                [*COMMAND, "--redis", f"{own_server.url}?socket_timeout=1", "snapshot"],
                cwd=ROOT,
                env=clean_environment(),
                capture_output=True,
                text=True,
                timeout=240,
            )
        assert began.returncode == 5
        assert "does not answer" in began.stderr

    def test_it_goes_away_between_the_pages_of_a_search(self, own_server: Embedded, run: Any) -> None:
        os.kill(own_server.pid, signal.SIGKILL)
        assert run("search", "x", url=own_server.url).code == 5


@contextlib.contextmanager
def frozen(pid: int) -> Any:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_the_bench_around_us(run: Any, server: Embedded, lane: Any, tmp_path: Path) -> None:
    frappe_job(lane)
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "common_site_config.json").write_text(json.dumps({"redis_queue": server.url}))
    assert run("snapshot", "--json", url=None, cwd=tmp_path / "sites").json["queues"][0]["name"] == lane.name


def test_a_reader_that_goes_away_is_no_error(lane: Any, server: Embedded) -> None:
    for number in range(200):
        frappe_job(lane, f"a.localhost||{number}", filler="x" * 400)
    command = " ".join([*COMMAND, "--redis", server.url, "jobs", "--size", "200", "--json"])
    done = subprocess.run(
        ["sh", "-c", f"{command} | head -c 10"], cwd=ROOT, env=clean_environment(), capture_output=True, timeout=240
    )
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(("version", "unfit"), [("1.15.1", False), ("2.7.0", False), ("2.8", True), ("3.0.0b1", True)])
def test_an_rq_that_refuses_frappes_ids_is_reported(monkeypatch: pytest.MonkeyPatch, version: str, unfit: bool) -> None:
    monkeypatch.setattr(cli, "version", lambda _name: version)
    assert bool(cli.unfit_rq()) == unfit
    if unfit:
        assert f"rq {version} is installed" in str(cli.unfit_rq())


def test_who_only_looks_waits_for_nothing_that_is_not_needed() -> None:
    """A call is answered within a second; loading all of these takes a third of that."""
    asked = "import sys; from job_console.console.cli import cli; cli.get_command(None, 'jobs'); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, env=clean_environment(), check=True, stdout=subprocess.PIPE, text=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "redis" in loaded
    assert not loaded & {"rq", "croniter", "werkzeug", "webbrowser", "frappe"}
