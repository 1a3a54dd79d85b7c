"""What a terminal, pipe or log can show: its encoding may know fewer characters than a job's words have."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from typing import Any

import click

#: Of our own words; everything else that cannot be written is escaped.
_PLAIN = {"…": "...", "→": "->", "≈": "~", "·": "-", "µ": "u", "•": "*", "─": "-", "│": "|", "└": "`", "├": "|"}
_HANDLER = "job_console_plain"


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(_PLAIN.get(char) or _escaped(char) for char in lost), error.end


def _escaped(char: str) -> str:
    return char.encode("ascii", "backslashreplace").decode("ascii")


codecs.register_error(_HANDLER, _replace)


def fit(text: str, encoding: str | None = None) -> str:
    """`text` as it can be written. Before anything is aligned: what is escaped is longer."""
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        return text.encode(encoding, _HANDLER).decode(encoding)
    except LookupError:  # an encoding that Python does not know
        return fit(text, "ascii")


def say(text: str, err: bool = False) -> None:
    """As `click.echo`, which takes a terminal that knows ASCII only for one that knows more."""
    stream = sys.stderr if err else sys.stdout
    click.echo(fit(text, getattr(stream, "encoding", None)), err=err)


def typed(argument: str) -> str:
    """As it was meant: a terminal that Python takes for one of another encoding sends UTF-8 all the same."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        with contextlib.suppress(UnicodeError):
            return os.fsencode(argument).decode("utf-8")
    return argument


def prepare() -> None:
    """Nothing that is printed, by whomever, ends in an error of its encoding."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError, OSError):  # closed
                _reconfigure(stream)


def _reconfigure(stream: Any) -> None:
    stream.reconfigure(errors=_HANDLER)
