"""A query of the Jobs view that somebody has kept under a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SavedView:
    id: str
    name: str
    #: In the query language; `sort`: see `jobs.sorting`.
    q: str
    sort: str
    #: Who saved it last, and when.
    owner: str
    at: datetime
    #: Everybody of the site sees it; else its owner alone.
    shared: bool = False
