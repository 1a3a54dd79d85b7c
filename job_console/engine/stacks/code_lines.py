"""Finds in a stack the line of the application, and the library call that this line is in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..models.stacks import Frame, Stack

#: Folders of Python's own modules and of installed packages, which are not the application.
_LIBRARY = re.compile(r"/(site|dist)-packages/|/lib(64)?/python\d[^/]*/|^<frozen ")
#: Frappe and Job Console: their frames are below those of the application in every job.
_CARRIER = re.compile(r"/apps/frappe/frappe/|/job_console/(?:runtime|engine|bridge)/")
#: `python -c`: multiprocessing starts a process so by `forkserver` or `spawn`. Elsewhere it is text that somebody runs.
_STARTER = "<string>"
#: Frappe's modules through which every query goes, also one of a job of Frappe's own.
_PLUMBING = re.compile(r"/frappe/(?:database|query_builder)/")

#: Folders in which packages begin: the dotted name of a module starts below them.
_ROOT = re.compile(r"(?:site|dist)-packages/|/lib(?:64)?/python\d[^/]*/|/apps/[^/]+/(?=[^/]+/)")

#: What a library waits for, by its file. The outermost frame counts, since a database driver waits in `socket`.
_SUBJECTS = (
    (r"/(pymysql|MySQLdb|psycopg2?|sqlite3|asyncpg)/|/frappe/database/", "database"),
    (r"/redis/", "redis"),
    (r"/job_console/engine/locks/|/job_console/runtime/lock\.py", "our_lock"),
    (r"/(requests|urllib3|httpx|httpcore|http|aiohttp|paramiko|boto3|botocore)/", "network"),
    (r"/(smtplib|imaplib|poplib|ftplib|ssl|socket)\.py", "network"),
    (r"/subprocess\.py", "child"),
    (r"/multiprocessing/", "child"),
    (r"/(threading|queue)\.py|/concurrent/futures/", "lock"),
    (r"/filelock/", "file"),
)
_COMPILED = tuple((re.compile(pattern), subject) for pattern, subject in _SUBJECTS)
#: The worker's thread that receives RQ's commands, and the one that renews locks.
_SERVANTS = re.compile(r"/redis/client\.py$|/job_console/engine/locks/heartbeat\.py$")
#: How far from the innermost frame a library is looked for.
NEAR = 12


def place(stack: Stack) -> Frame | None:
    """The innermost line of the application; of Frappe's, or a library's, where the application has none."""
    own = [frame for frame in _started(stack) if not _LIBRARY.search(frame.file)]
    mine = [frame for frame in own if not _CARRIER.search(frame.file)]
    carriers = [frame for frame in own if not _PLUMBING.search(frame.file)]
    return next(iter([*mine[:1], *carriers[:1], *own[:1], *stack.frames[:1]]), None)


def _started(stack: Stack) -> Sequence[Frame]:
    """The frames without the one that started the process."""
    frames = stack.frames
    return frames[:-1] if frames and frames[-1].file == _STARTER else frames


def subject(stack: Stack) -> str | None:
    """What the libraries on top of the stack are for; None: there is no known one near the top."""
    for frame in reversed(_above(stack)):
        for pattern, found in _COMPILED:
            if pattern.search(frame.file):
                return found
    return None


def inside(stack: Stack) -> str:
    """`in requests.api.get`: the library call that the application's line is in; "" when there is none."""
    above = _above(stack)
    return f"{_module(above[-1])}.{above[-1].function}" if above else ""


def serves(stack: Stack) -> bool:
    """Whether this is a thread of the worker or of Job Console, not of the job."""
    return any(_SERVANTS.search(frame.file) and frame.function in ("run", "_run", "_beat") for frame in stack.frames)


def same(before: Stack | None, after: Stack | None) -> bool:
    """Whether both samples are on the same line, in all frames."""
    return before is not None and after is not None and before.frames == after.frames


def within(before: Stack | None, after: Stack | None) -> bool:
    """Whether both samples are in the same call of the same function of the application, on whatever line."""
    first, last = (_functions(stack) for stack in (before, after))
    return bool(first) and first == last


def words(frame: Frame) -> str:
    """`sync_stock.py:88 (pull)`."""
    return f"{frame.file.rpartition('/')[2]}:{frame.line} ({frame.function})"


def _above(stack: Stack) -> Sequence[Frame]:
    """The library frames on top of the application's line."""
    at = place(stack)
    frames = stack.frames[:NEAR]
    return frames[: frames.index(at)] if at in frames else frames


def _functions(stack: Stack | None) -> list[tuple[str, str, int]]:
    """The calls down to the application's innermost function: with the lines of the callers, without its own."""
    at = stack and place(stack)
    if not stack or at is None:
        return []
    below = stack.frames[stack.frames.index(at) :]
    return [(frame.file, frame.function, frame.line if depth else 0) for depth, frame in enumerate(below)]


def _module(frame: Frame) -> str:
    """`requests.api` of `/…/site-packages/requests/api.py`, `shop.stock` of `/…/apps/shop/shop/stock.py`; of a file
    that no root of modules is known for, its name.
    """
    tail = _ROOT.split(frame.file)[-1]
    if tail.startswith("/"):
        tail = tail.rpartition("/")[2]
    return tail.removesuffix(".py").removesuffix("/__init__").strip("/").replace("/", ".")
