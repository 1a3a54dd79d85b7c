"""The people of a console, each with a token and rights: an INI file that `serve --tokens FILE` reads.

    [mia]
    token = 0f5c1e9a7b3d2468
    may = operate

A section is a name as the audit trail has it. `may` is one of `RIGHTS`, each of which includes those before it: look;
act on jobs, locks and warnings; operate lanes, workers, methods and the bench. Where many benches are served, each has
rights of its own: see `fleet.rights`.
"""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from job_console.engine.errors import BadRequest
from job_console.engine.service import Viewer

RIGHTS = ("look", "act", "operate")
_WORDS = f"{', '.join(RIGHTS[:-1])} or {RIGHTS[-1]}"
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
    found = (replace(each, may=each.may or "look") for each in named(path))
    return tuple(Person(each.token, viewer(each.name, _right(each), read_only)) for each in found)


@dataclass(frozen=True, slots=True)
class Named:
    """A section of the file; `may` as it stands there."""

    name: str
    token: str = field(repr=False)
    may: str


def named(path: str) -> tuple[Named, ...]:
    """The sections of this file. Raises BadRequest, but for what `may` says."""
    people = tuple(_named(_parsed(path)))
    if not people:
        raise BadRequest(f"{path} names nobody. A section is a name: [mia], with a token and what she may.")
    if len({person.token for person in people}) < len(people):
        raise BadRequest(f"{path}: two people have the same token.")
    return people


def viewer(name: str, right: str, read_only: bool = False) -> Viewer:
    """Who has one of `RIGHTS`."""
    rank = RIGHTS.index("look" if read_only else right)
    return Viewer(name, may_act=rank >= 1, may_operate=rank >= 2)


def _right(person: Named) -> str:
    if ":" in person.may:
        raise BadRequest(f"[{person.name}]: rights by bench are for --config; here may is {_WORDS}.")
    if person.may not in RIGHTS:
        raise BadRequest(f"[{person.name}]: may is {_WORDS}, not {person.may!r}.")
    return person.may


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


def _named(parser: configparser.ConfigParser) -> Iterator[Named]:
    for name in parser.sections():
        fields = dict(parser[name])
        token, may = fields.pop("token", ""), fields.pop("may", "")
        if fields:
            raise BadRequest(f"[{name}]: {', '.join(fields)} is not known; token and may are.")
        check_token(token, f"[{name}]: the")
        yield Named(name, token, may)


def check_token(token: str, the: str = "The") -> None:
    """Raises BadRequest for one that could be guessed."""
    if len(token) < TOKEN_CHARS:
        raise BadRequest(f"{the} token must have at least {TOKEN_CHARS} characters.")
