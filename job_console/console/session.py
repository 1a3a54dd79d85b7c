"""What one run of the command line needs: the engine, the way to print, and how to end."""

from __future__ import annotations

import getpass
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import click

from job_console.engine import errors, messages
from job_console.engine.otherlocks import BenchFolder
from job_console.engine.redis.link import without_password
from job_console.engine.service import Console, Engine, Viewer

from . import reader
from .address import Address
from .terminal import say
from .text import Paint


class Exit(IntEnum):
    """The contract of the command line."""

    DONE = 0
    WRONG_USAGE = 2
    REFUSED = 3
    NO_SUCH_JOB = 4
    NO_REDIS = 5
    #: Only where --fail-on asks for it.
    WARNED = 6


#: The one place where the engine's errors become exit codes.
CODES = {
    errors.BadRequest: Exit.WRONG_USAGE,
    errors.Forbidden: Exit.REFUSED,
    errors.NoSuchJob: Exit.NO_SUCH_JOB,
    errors.NoSuchLock: Exit.NO_SUCH_JOB,
    errors.NoSuchWarning: Exit.NO_SUCH_JOB,
    errors.NoSuchGroup: Exit.NO_SUCH_JOB,
    errors.RedisUnavailable: Exit.NO_REDIS,
}

#: How a document becomes lines for people.
Renderer = Callable[[Any, Paint], Iterator[str]]


@dataclass
class Session:
    address: Address
    #: The line that names the server has been printed.
    heading_printed: bool = False

    @cached_property
    def engine(self) -> Engine:
        engine = Engine(self.address.server.connect())
        engine.folder = BenchFolder(self.address.bench) if self.address.bench else None
        engine.names = self.address.names()
        return engine

    @cached_property
    def console(self) -> Console:
        return self.engine.console(self.viewer())

    @staticmethod
    def viewer(may_act: bool = True) -> Viewer:
        return starter(may_act)

    def show(self, document: Any, as_json: bool, render: Renderer) -> None:
        """Print one document: as JSON and nothing else, or as text for people. Both say which server and bench."""
        if as_json:
            # Escaped: it must also be right where the output's encoding is not UTF-8.
            say(json.dumps({**document, **self.address.names()}, indent=2 if sys.stdout.isatty() else None))
            return
        self.say_where()
        paint = Paint(colour=wants_colour())
        for line in render(messages.spoken(document, reader.of_terminal()), paint):
            say(line)

    def say_where(self, acting: bool = False) -> None:
        """Print on stderr which server and bench the answer is of; before an action, also what to be careful about."""
        if self.heading_printed:
            return
        self.heading_printed = True
        say(f"job-console: {self.address.heading()}", err=True)
        warning = self.address.warning() if acting else None
        if warning:
            say(f"job-console: {warning}", err=True)


def starter(may_act: bool = True) -> Viewer:
    """Who has started this process, and sees whole benches."""
    return Viewer(name=f"{_user()}@{socket.gethostname()}", site=None, may_act=may_act)


def wants_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@contextmanager
def ending_well(address: Address | None = None) -> Iterator[None]:
    """Turn what can go wrong into one line on stderr and the exit code of the contract."""
    try:
        yield
    except errors.JobConsoleError as error:
        code = next((code for kind, code in CODES.items() if isinstance(error, kind)), Exit.REFUSED)
        message = address.hide(str(error)) if address else str(error)
        where = f" [{address}]" if address and code is not Exit.WRONG_USAGE else ""
        fail(f"{message}{where}", code)
    except UnicodeEncodeError as error:  # bytes of another encoding, on the command line
        fail(f"{error.object!r} is no text.", Exit.WRONG_USAGE)


def fail(message: str, code: Exit) -> None:
    say(f"job-console: {without_password(message)}", err=True)
    raise click.exceptions.Exit(int(code))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return str(os.getuid())
