"""Who looks at a bench."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. `site` None sees the whole bench. `name` goes into the audit trail."""

    name: str
    site: str | None = None
    #: Acts on jobs, locks and warnings.
    may_act: bool = False
    #: Who may act also pauses and stops what serves all: lanes, workers, methods, the bench.
    may_operate: bool = True
