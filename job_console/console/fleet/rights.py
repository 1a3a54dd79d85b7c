"""What the people of a fleet may do, bench by bench. Without a word for a bench it is as if it were not there.

    [mia]
    token = 0f5c1e9a7b3d2468
    may = acme: operate, globex-*: act, *: look

The first entry that fits a bench counts; `none` keeps it from what the later ones would allow.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from job_console.engine.errors import BadRequest
from job_console.engine.service import Viewer

from .. import people
from ..people import RIGHTS, Named, Person

NONE = "none"
_ENTRY = re.compile(r"(\S+)\s*:\s*(\w+)")


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the fleet, by token; `rights` by bench, those without any left out."""

    person: Person
    rights: Mapping[str, str]


def read(path: str, benches: Sequence[str], read_only: bool = False) -> tuple[Member, ...]:
    """Raises BadRequest, also for a name that no bench has."""
    return tuple(_member(each, benches, read_only) for each in people.named(path))


def _member(person: Named, benches: Sequence[str], read_only: bool) -> Member:
    entries = [_entry(person.name, text.strip(), benches) for text in re.split(r"[,\n]", person.may) if text.strip()]
    rights = {bench: _of(bench, entries) for bench in benches}
    mine = {bench: "look" if read_only else right for bench, right in rights.items() if right != NONE}
    # What she may is asked of each bench: this viewer is her name alone.
    return Member(Person(person.token, Viewer(person.name)), mine)


def _entry(name: str, text: str, benches: Sequence[str]) -> tuple[str, str]:
    found = _ENTRY.fullmatch(text)
    if not found or found[2] not in (*RIGHTS, NONE):
        raise BadRequest(f"[{name}]: may is BENCH: {', '.join(RIGHTS)} or {NONE}, with commas between, not {text!r}.")
    if not fnmatch.filter(benches, found[1]):
        raise BadRequest(f"[{name}]: no bench is called {found[1]!r}.")
    return found[1], found[2]


def _of(bench: str, entries: Sequence[tuple[str, str]]) -> str:
    return next((right for pattern, right in entries if fnmatch.fnmatchcase(bench, pattern)), NONE)
