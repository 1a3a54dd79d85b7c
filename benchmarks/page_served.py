"""A console that serves a page from a checkout, and Chromium in front of it: for `page_live` and `page_cost`."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.chromium import launch

HERE = Path(__file__).parents[1]
#: Of Linux: processor time is counted in these.
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def served(url: str, checkout: Path = HERE) -> Iterator[str]:
    """The page's address. `checkout`: another version of this repository, with its page built."""
    command = [sys.executable, "-m", "job_console.console.cli", "--redis", url, "serve", "--port", "0", "--read-only"]
    environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=checkout, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found, "the server did not say where it serves"
            yield found[0]
        finally:
            server.terminate()


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            yield browser
        finally:
            browser.close()


def processor_s(kind: str = "renderer") -> float:
    """Seconds of processor time that Chromium's processes of this kind have used ("": all of them)."""
    return sum(_used_s(pid) for pid in _children(os.getpid()) if f"--type={kind}" in _command(pid) or not kind)


def _children(parent: int) -> Iterator[int]:
    """All processes below this one that are Chromium's."""
    parents = {int(entry.name): _parent(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    below, found = [parent], set()
    while below:
        above = below.pop()
        for pid, its in parents.items():
            if its == above and pid not in found:
                found.add(pid)
                below.append(pid)
    return (pid for pid in found if "chrom" in _command(pid).partition(" ")[0])


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _used_s(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) * TICK_S if fields else 0.0


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""
