"""What the linter hands around: rules, and what was found where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(str, Enum):
    """`error`: it fails. `warning`: it goes wrong some day. `note`: worth a look; off unless selected."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Rule:
    """One thing that is checked. The code is the contract; the wording is not."""

    code: str
    name: str
    severity: Severity
    #: What is wrong with it, for who has never met it.
    reason: str
    #: What to write instead.
    repair: str
    #: `--fix` can mend it, where nothing but the intended changes.
    fixable: bool = False

    @property
    def on(self) -> bool:
        return self.severity is not Severity.NOTE


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands, as `ast` counts: lines from 1, columns in bytes of UTF-8 from 0."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Edit:
    """Text to put in at one place."""

    line: int
    column: int
    text: str


@dataclass(frozen=True)
class Finding:
    path: str
    place: Place
    code: str
    message: str
    #: Through which functions it is reached, from the job or document event down.
    through: tuple[str, ...] = ()
    fix: Edit | None = None

    @property
    def order(self) -> tuple[str, Place, str, str]:
        return self.path, self.place, self.code, self.message
