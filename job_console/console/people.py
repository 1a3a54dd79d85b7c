"""The people of a console, each with a token and rights: an INI file that `serve --tokens FILE` reads.

    [mia]
    token = 0f5c1e9a7b3d2468
    may = operate

A section is a name as the audit trail has it. `may` is one of `RIGHTS`, each of which includes those before it: look;
act on jobs, locks and warnings; operate lanes, workers, methods and the bench.
"""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from job_console.engine.errors import BadRequest
from job_console.engine.service import Viewer

RIGHTS = ("look", "act", "operate")
#: A token that guards a port which others can reach must be worth guessing at for years.
TOKEN_CHARS = 16


@dataclass(frozen=True, slots=True)
class Person:
    """Who sends this token. `viewer` None: whoever started the server."""

    token: str
    viewer: Viewer | None = None

    def __repr__(self) -> str:
        return f"Person({self.viewer.name if self.viewer else None!r})"


def read(path: str, read_only: bool = False) -> tuple[Person, ...]:
    """The people of this file; with `read_only` none of them may more than look.

    Raises BadRequest when it cannot be read, when others than its owner can read it, or when something in it is wrong.
    """
    people = tuple(_people(_parsed(path), read_only))
    if not people:
        raise BadRequest(f"{path} names nobody. A section is a name: [mia], with a token and what she may.")
    if len({person.token for person in people}) < len(people):
        raise BadRequest(f"{path}: two people have the same token.")
    return people


def _parsed(path: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, default_section="")
    try:
        with Path(path).open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise BadRequest(f"Others can read the tokens in {path}: chmod 600 {path}")
            parser.read_file(file)
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error.strerror}.") from None
    except (configparser.Error, UnicodeDecodeError) as error:
        # The message of a parser quotes the line, which may be a token.
        wrong = getattr(error, "errors", None)
        line = wrong[0][0] if wrong else getattr(error, "lineno", None)
        raise BadRequest(f"{path} is no INI file{f': line {line}' if line else ''}.") from None
    return parser


def _people(parser: configparser.ConfigParser, read_only: bool) -> Iterator[Person]:
    for name in parser.sections():
        fields = dict(parser[name])
        token, may = fields.pop("token", ""), fields.pop("may", "look")
        if fields:
            raise BadRequest(f"[{name}]: {', '.join(fields)} is not known; token and may are.")
        if may not in RIGHTS:
            raise BadRequest(f"[{name}]: may is {', '.join(RIGHTS[:-1])} or {RIGHTS[-1]}, not {may!r}.")
        check_token(token, f"[{name}]: the")
        right = RIGHTS.index("look" if read_only else may)
        yield Person(token, Viewer(name, may_act=right >= 1, may_operate=right >= 2))


def check_token(token: str, the: str = "The") -> None:
    """Raises BadRequest for one that could be guessed."""
    if len(token) < TOKEN_CHARS:
        raise BadRequest(f"{the} token must have at least {TOKEN_CHARS} characters.")
