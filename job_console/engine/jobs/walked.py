"""How far the walk to a page has come, when no list tells where that page begins.

A walk takes a bounded time. Where that is over before the page was reached, its reader is shown the last page that was,
and may go on from there: `Reached.cursor` says where, so nothing is kept in between.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import BadRequest
from ..messages import _
from ..models.jobs import Reached

_CURSOR = re.compile(r"(\d{1,15}):(\d{1,15})", re.ASCII)


@dataclass(slots=True)
class Walked:
    """`scanned` of the `length` jobs of a row; `passed` of them are the viewer's and match."""

    length: int
    scanned: int = 0
    passed: int = 0

    @classmethod
    def after(cls, cursor: str | None, length: int, first: int) -> Walked:
        """Go on from there, unless the job that is wanted first stands before. Raises BadRequest."""
        if not cursor:
            return cls(length)
        found = _CURSOR.fullmatch(cursor)
        if found is None:
            raise BadRequest(_("That is no cursor of a page."))
        scanned, passed = int(found[1]), int(found[2])
        return cls(length, scanned, passed) if scanned <= length and passed <= min(scanned, first) else cls(length)

    @property
    def whole(self) -> bool:
        return self.scanned >= self.length

    @property
    def total(self) -> int:
        """Estimated from what was seen, as long as that is not all."""
        share = self.scanned / self.length if self.length and not self.whole else 1.0
        return max(self.passed, round(self.passed / share)) if share else self.passed

    def shown(self, number: int, size: int) -> int:
        """The page that can be shown: the one that is wanted, or the last one that the walk has come through."""
        return number if self.whole or self.passed > (number - 1) * size else max(self.passed // size, 1)

    def reached(self, number: int, size: int) -> Reached | None:
        """None: all of the page that is wanted."""
        if self.whole or self.passed >= number * size:
            return None
        return Reached(self.scanned, self.length, f"{self.scanned}:{self.passed}")
