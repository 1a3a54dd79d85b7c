"""What a shell offers while somebody presses Tab: values of the bench that is asked, and nothing when there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rq.suspension import suspend

from job_console.console.cli import cli
from job_console.console.completing import _OfBench
from job_console.engine.locks import steps

from .conftest import ROOT, clean_environment, frappe_job


@pytest.fixture
def offered(run: Any) -> Callable[..., list[str]]:
    """`offered("show", "")`: what is offered for the last word. click's protocol for zsh: kind, value and help."""

    def offered(*words: str, **environment: str) -> list[str]:
        line = {"COMP_WORDS": " ".join(["job-console", "--redis", run.url, *words]), "COMP_CWORD": str(len(words) + 2)}
        done = run(url=None, _JOB_CONSOLE_COMPLETE="zsh_complete", **line, **environment)
        assert (done.code, done.err) == (0, "")
        return done.out.splitlines()[1::3]

    return offered


@pytest.fixture
def run(run: Any, server: Any) -> Any:
    run.url = server.url
    return run


def test_values_of_this_bench(offered: Callable[..., list[str]], run: Any, lane: Any, redis: Any) -> None:
    frappe_job(lane)
    frappe_job(lane, "b.localhost||two", "shop.pull")
    steps.acquire(redis, steps.Wanted("a.localhost|ledger", "lease", 60, info="{}"), 30)
    assert offered("show", "") == ["a.localhost||one", "b.localhost||two"]
    assert offered("cancel", "a.localhost||one", "b") == ["b.localhost||two"]
    assert offered("jobs", "--queue", "") == ["short"]
    assert offered("jobs", "--method", "shop.p") == ["shop.pull"]
    assert offered("jobs", "--status", "fa") == ["failed"]
    assert offered("jobs", "status:fa") == ["status:failed"]
    assert offered("jobs", "meth") == ["method\\:"], "as zsh wants it"
    assert offered("release", "") == ["a.localhost|ledger"]
    assert "ghost_queued" in offered("mend", "--code", "ghost_")
    suspend(redis)
    (warning,) = offered("acknowledge", "")
    assert run("acknowledge", warning, "--reason", "a deploy").code == 0


def test_a_bench_that_does_not_answer_offers_nothing(run: Any) -> None:
    line = {"COMP_WORDS": "job-console --redis redis://127.0.0.1:1 show ", "COMP_CWORD": "4"}
    done = run(url=None, _JOB_CONSOLE_COMPLETE="zsh_complete", **line)
    assert (done.code, done.out.strip(), done.err) == (0, "", "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="There is no bash on this machine.")
def test_bash_puts_an_id_on_the_line_that_it_can_run(server: Any, lane: Any, tmp_path: Path) -> None:
    frappe_job(lane)
    command = tmp_path / "job-console"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m job_console.console.cli "$@"\n')
    command.chmod(0o755)
    script = """
    eval "$(_JOB_CONSOLE_COMPLETE=bash_source job-console)"
    COMP_WORDS=(job-console show ""); COMP_CWORD=2
    _job_console_completion job-console
    printf '%s\\n' "${COMPREPLY[@]}"
    eval "job-console --redis $JOB_CONSOLE_REDIS show ${COMPREPLY[0]} --json" | head -c 60
    """
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=clean_environment(PATH=path, JOB_CONSOLE_REDIS=server.url),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.splitlines()[0] == "'a.localhost||one'", done.stderr
    assert '"id": "a.localhost||one"' in done.stdout


def test_each_verb_about_jobs_offers_them() -> None:
    """A new verb with an ID is offered ids without being told."""
    of_bench = {
        (name, parameter.name)
        for name, verb in cli.all().items()
        for parameter in verb.params
        if isinstance(parameter.type, _OfBench)
    }
    assert {("show", "job_id"), ("retry", "job_ids"), ("log", "job_id"), ("move", "to"), ("jobs", "method")} <= of_bench
