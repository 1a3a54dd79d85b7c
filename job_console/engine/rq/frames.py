"""The frames of a traceback, and whose code each is: the app's own, Frappe's, or a library's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

APP, FRAMEWORK, LIBRARY = "app", "framework", "library"
_FRAME = re.compile(r'^(?:  [|+] ?)?  File "(?P<file>[^"\n]+)", line (?P<line>\d+)(?:, in (?P<function>.*))?$')
_START = re.compile(r"^(?:  \+ Exception Group )?Traceback \(most recent call last\):$")
_LIBRARY = re.compile(r"/(?:site|dist)-packages/|/lib(?:64)?/python\d|^<(?:frozen |string>|stdin>)")
#: The framework itself, and our own wrappers around jobs, wherever they are installed.
_FRAMEWORK = re.compile(r"(?:^|/)(?:frappe/frappe|job_console/job_console)/")
#: What of a path says where it is, and not what it is.
_ROOTS = re.compile(r"^.*?/(?:site-packages|dist-packages|apps/[^/]+)/")


@dataclass(frozen=True, slots=True)
class Frame:
    file: str
    line: int
    function: str
    whose: str
    #: Its lines of code, and the marks below them, as Python shows them.
    code: str = ""

    @property
    def name(self) -> str:
        """The same on every host, and after an edit elsewhere in the file."""
        return f"{short(self.file)} in {self.function}"


@dataclass(frozen=True, slots=True)
class Text:
    """Lines between frames: how exceptions hang together, what they say."""

    text: str


def whose(file: str) -> str:
    if _LIBRARY.search(file):
        return LIBRARY
    return FRAMEWORK if _FRAMEWORK.search(file) else APP


def short(file: str) -> str:
    """Without the bench, and without the folder that packages lie in."""
    return _ROOTS.sub("", file)


def parts(traceback: str) -> Iterator[Frame | Text]:
    """A traceback's frames and the lines between them, in their order. Their texts together say all that it says."""
    frame: re.Match[str] | None = None
    lines: list[str] = []
    for line in traceback.rstrip("\n").split("\n"):
        found = _FRAME.match(line)
        goes_on = frame is not None and line.startswith("    ") and found is None
        if not goes_on and (found or frame):
            yield from _part(frame, lines)
            frame, lines = None, []
        if found:
            frame = found
        else:
            lines.append(line)
    yield from _part(frame, lines)


def _part(frame: re.Match[str] | None, lines: Sequence[str]) -> Iterator[Frame | Text]:
    if frame is not None:
        file = frame["file"]
        yield Frame(file, int(frame["line"]), frame["function"] or "<module>", whose(file), "\n".join(lines))
    elif lines:
        yield Text("\n".join(lines))


def innermost(traceback: str) -> Frame | None:
    """Where the app's own code was when it failed: of its frames the innermost, else Frappe's, else any.

    Of chained exceptions those of the last count first: what was raised while another one was handled.
    """
    blocks = _blocks(traceback)
    for kind in (APP, FRAMEWORK, LIBRARY):
        for block in reversed(blocks):
            found = next((frame for frame in reversed(block) if frame.whose == kind), None)
            if found is not None:
                return found
    return None


def _blocks(traceback: str) -> list[list[Frame]]:
    """The frames of each exception of a chain."""
    blocks: list[list[Frame]] = [[]]
    for part in parts(traceback):
        if isinstance(part, Frame):
            blocks[-1].append(part)
        elif any(_START.match(line) for line in part.text.split("\n")):
            blocks.append([])
    return blocks
