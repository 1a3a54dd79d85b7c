"""`top`: what is drawn, what keys do, and the terminal that it takes and gives back."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from job_console.console.embedded import Embedded
from job_console.console.top import keys
from job_console.console.top.screen import columns, draw
from job_console.console.top.state import State
from job_console.engine.service import Engine, Viewer
from tests.console.conftest import COMMAND, ROOT, clean_environment, frappe_job


class Hands:
    """Remembers what it was asked to do."""

    def __init__(self) -> None:
        self.acted: list[tuple[str, str, str]] = []

    def search(self, query: str) -> tuple[list[dict[str, Any]] | None, str]:
        return (None, "That is no query.") if query == "wrong" else ([], "")

    def text_of(self, job_id: str) -> list[str]:
        return [f"line {number} of {job_id}" for number in range(60)]

    def act(self, action: str, job_id: str, reason: str) -> tuple[bool, str]:
        self.acted.append((action, job_id, reason))
        return True, "done"


@pytest.fixture
def state(redis: Any, lane: Any) -> State:
    for name in ("one", "two"):
        frappe_job(lane, f"a.localhost||{name}", method="shop.日本.sync")
    console = Engine(redis).console(Viewer("tester", may_act=True))
    return State("Redis here", snapshot=console.snapshot())


def press(state: State, hands: Hands, *pressed: str) -> None:
    for key in pressed:
        keys.press(state, key, hands)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 10), (200, 60), (20, 4)])
@pytest.mark.parametrize("view", ["bench", "job", "help"])
def test_every_screen_is_as_large_as_the_terminal(state: State, width: int, height: int, view: str) -> None:
    state.view, state.lines = view, ["x" * 300] * 90
    for state.problem in (None, "Redis cannot be reached."):
        lines = draw(state, width, height)
        assert len(lines) == height
        assert max(columns(line.text) for line in lines) <= width


def test_what_is_on_the_screen(state: State) -> None:
    shown = "\n".join(line.text for line in draw(state, 80, 24))
    assert "No telling: no worker has ever been seen here." in shown
    assert re.search(r"short +2 +\d", shown)
    assert "shop.日本.sync" in shown
    state.snapshot = None
    assert draw(state, 80, 24)[0].text == "Looking…"


def test_the_marked_row_stays_on_the_screen(state: State) -> None:
    hands = Hands()
    press(state, hands, "j")
    assert state.selected == "a.localhost||one"
    press(state, hands, "j", "j")
    assert state.selected == "a.localhost||two", "there is no third"
    assert [line.text for line in draw(state, 80, 11) if line.marked and "two" in line.text]
    press(state, hands, "k")
    assert [line.text for line in draw(state, 80, 11) if line.marked and "one" in line.text]


def test_an_action_is_asked_first_and_a_cancel_is_undone(state: State) -> None:
    hands = Hands()
    press(state, hands, "c")
    assert (hands.acted, state.message) == ([], "Mark a job first: j and k.")
    press(state, hands, "j", "c", "n")
    assert hands.acted == []
    press(state, hands, "c", "y")
    assert hands.acted == [("cancel", "a.localhost||one", "")]
    press(state, hands, "u")
    assert hands.acted[1][:2] == ("retry", "a.localhost||one")
    press(state, hands, "u", "s")
    assert len(hands.acted) == 2
    assert "not possible in this state" in state.message
    state.read_only = True
    press(state, hands, "c")
    assert (state.prompt, state.message) == (None, "You may look, but not act, here.")


def test_what_is_not_safe_to_repeat_wants_a_reason(state: State) -> None:
    hands = Hands()
    press(state, hands, "j")
    state.found = [{**state.rows()[0], "actions": ["retry"], "repeat": "unsafe"}]
    press(state, hands, "r", keys.ENTER)
    assert hands.acted == [], "without one nothing is done"
    press(state, hands, "r", *"paid", "x", keys.ERASE, keys.ENTER)
    assert hands.acted == [("retry", "a.localhost||one", "paid")]


def test_a_search_a_job_and_the_help_are_left_by_escape(state: State) -> None:
    hands = Hands()
    press(state, hands, "/", *"wrong", keys.ENTER)
    assert (state.query, state.message) == ("", "That is no query.")
    press(state, hands, "/", *"user:mia", keys.ENTER)
    assert (state.query, state.rows()) == ("user:mia", [])
    press(state, hands, keys.ESCAPE, "j", keys.ENTER, "j", "j")
    assert draw(state, 80, 24)[2].text == "line 2 of a.localhost||one"
    press(state, hands, keys.ESCAPE, "?")
    assert "undo the cancel" in "\n".join(line.text for line in draw(state, 80, 24))
    press(state, hands, keys.ESCAPE)
    assert (state.view, state.ended) == ("bench", False)
    press(state, hands, "q")
    assert state.ended


class Terminal:
    """A pty of 80 by 24, and `top` on it."""

    def __init__(self, url: str) -> None:
        self._ours, self._its = pty.openpty()
        self.resize(80, 24)
        self.before = termios.tcgetattr(self._its)
        environment = clean_environment(TERM="xterm", LC_ALL="C.UTF-8", ESCDELAY="25")
        self.process = subprocess.Popen(
            [*COMMAND, "--redis", url, "top"],
            cwd=ROOT,
            env=environment,
            stdin=self._its,
            stdout=self._its,
            stderr=self._its,
            start_new_session=True,
            # Whoever runs tests in the background has it ignore Ctrl-C, and what it starts inherits that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.said = ""

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def read(self) -> str:
        """All that it has written so far."""
        while select.select([self._ours], [], [], 0)[0]:
            with contextlib.suppress(OSError):
                self.said += os.read(self._ours, 65_536).decode(errors="replace")
                continue
            break
        return self.said

    def shows(self, words: str) -> Callable[[], bool]:
        return lambda: words in self.read()

    def is_as_it_was(self) -> bool:
        """The screen of before is there again, and what is typed is shown again."""
        self.read()
        return self.said.rfind("\x1b[?1049l") > self.said.rfind("\x1b[?1049h") and (
            termios.tcgetattr(self._its)[3] == self.before[3]
        )

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self._its)


@pytest.fixture
def terminal(server: Embedded, redis: Any, job: Any) -> Iterator[Terminal]:
    found = Terminal(server.url)
    yield found
    found.close()


def test_on_a_terminal_a_job_is_canceled_by_its_keys(terminal: Terminal, job: Any, lane: Any, wait_until: Any) -> None:
    wait_until(terminal.shows("shop.sync"))
    terminal.type("jc")
    wait_until(terminal.shows("it will not run. y/n"))
    terminal.type("y")
    wait_until(lambda: lane.job_ids == [])
    terminal.resize(120, 40)
    os.kill(terminal.process.pid, signal.SIGWINCH)
    terminal.type("?")
    wait_until(terminal.shows("undo the cancel of a moment ago"))
    terminal.type("\x1bq")
    assert terminal.process.wait(60) == 0
    assert terminal.is_as_it_was()


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_every_way_out_gives_the_terminal_back(terminal: Terminal, kind: int, wait_until: Any) -> None:
    wait_until(terminal.shows("shop.sync"))
    terminal.process.send_signal(kind)
    assert terminal.process.wait(60) == 0
    assert terminal.is_as_it_was()


def test_without_a_terminal_it_says_what_there_is(run: Any) -> None:
    ended = run("top")
    assert ended.code == 2
    assert "needs a terminal" in ended.err
