"""The terminal of `top`: curses of the standard library. It gives the terminal back on every way out."""

from __future__ import annotations

import contextlib
import curses
import os
import signal
from collections.abc import Iterator
from typing import Any

from . import keys
from .feed import Feed
from .screen import Line, draw
from .state import State

#: How long a key is waited for before ages are drawn anew.
TICK_MS = 250
_SPECIAL = {
    curses.KEY_UP: keys.UP,
    curses.KEY_DOWN: keys.DOWN,
    curses.KEY_PPAGE: keys.PAGE_UP,
    curses.KEY_NPAGE: keys.PAGE_DOWN,
    curses.KEY_ENTER: keys.ENTER,
    curses.KEY_BACKSPACE: keys.ERASE,
}
_CONTROL = {"\n": keys.ENTER, "\r": keys.ENTER, "\x1b": keys.ESCAPE, "\x7f": keys.ERASE, "\b": keys.ERASE}
_COLOURS = {
    "red": curses.COLOR_RED,
    "yellow": curses.COLOR_YELLOW,
    "green": curses.COLOR_GREEN,
    "blue": curses.COLOR_BLUE,
}


def run(state: State, feed: Feed, colours: bool) -> None:
    """Until `q`, Ctrl-C, SIGTERM or a closed terminal. `curses.wrapper` restores the terminal, whatever is raised."""
    # A lone Escape is told from the beginning of an arrow key by what follows within so many milliseconds.
    os.environ.setdefault("ESCDELAY", "25")
    with _ending_by_signal(state), contextlib.suppress(KeyboardInterrupt):
        curses.wrapper(lambda window: _loop(window, state, feed, colours))


def _loop(window: Any, state: State, feed: Feed, colours: bool) -> None:
    with contextlib.suppress(curses.error):  # not every terminal can
        curses.curs_set(0)
    styles = _styles() if colours else {}
    window.timeout(TICK_MS)
    feed.start()
    while not state.ended:
        feed.take(state)
        _show(window, state, styles)
        key = _key(window)
        if key is not None:
            keys.press(state, key, feed)
    feed.end()


def _styles() -> dict[str, int]:
    found = {"dim": curses.A_DIM}
    if not curses.has_colors():
        return found
    curses.start_color()
    with contextlib.suppress(curses.error):
        curses.use_default_colors()
    for number, (name, colour) in enumerate(_COLOURS.items(), 1):
        with contextlib.suppress(curses.error):
            curses.init_pair(number, colour, -1)
            found[name] = curses.color_pair(number)
    return found


def _show(window: Any, state: State, styles: dict[str, int]) -> None:
    height, width = window.getmaxyx()
    window.erase()
    for row, line in enumerate(draw(state, width - 1, height)):  # the last cell of a terminal would scroll it
        with contextlib.suppress(curses.error):  # it was made smaller a moment ago
            window.addstr(row, 0, line.text, _attributes(line, styles))
    window.refresh()


def _attributes(line: Line, styles: dict[str, int]) -> int:
    attributes = styles.get(line.colour or "", curses.A_NORMAL)
    if line.bold:
        attributes |= curses.A_BOLD
    return attributes | curses.A_REVERSE if line.marked else attributes


def _key(window: Any) -> str | None:
    """None: nothing was pressed, or nothing that we know; also when the terminal has another size now."""
    try:
        pressed = window.get_wch()
    except curses.error:
        return None
    return _SPECIAL.get(pressed) if isinstance(pressed, int) else _CONTROL.get(pressed, pressed)


@contextlib.contextmanager
def _ending_by_signal(state: State) -> Iterator[None]:
    def end(*_: object) -> None:
        state.ended = True

    before: dict[int, Any] = {kind: signal.signal(kind, end) for kind in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
