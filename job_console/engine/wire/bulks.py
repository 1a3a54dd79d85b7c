"""Bulk actions: what was asked, how far it is, how it ended."""

from __future__ import annotations

from collections.abc import Callable

from ..jobs import limits
from ..jobs.bulk import UNDO
from ..models.bulk import Bulk
from .values import Json, time


def bulk_json(bulk: Bulk, shown: Callable[[str], str]) -> Json:
    """`shown`: a text without what looks like a secret."""
    asked = bulk.asked
    kinds = sorted(bulk.kinds.items(), key=lambda each: -each[1])
    return {
        "id": asked.id,
        "action": asked.action,
        "q": shown(asked.q),
        "by": asked.actor,
        "site": asked.site,
        "reason": shown(asked.reason),
        "undoes": asked.undoes,
        "state": bulk.state,
        "started_at": time(bulk.started_at),
        "ended_at": time(bulk.ended_at),
        "scanned": bulk.scanned,
        "of": bulk.of,
        "matched": bulk.matched,
        "tried": bulk.tried,
        "limit": limits.BULK_MATCHED,
        "cut": bulk.cut,
        "kinds": [
            {"ok": kind.ok, "state": kind.state, "reason": shown(kind.reason), "count": count} for kind, count in kinds
        ],
        "undo": UNDO[asked.action][0] if bulk.undoable and not bulk.runs else None,
        "undoable": bulk.undoable,
        "error": shown(bulk.error),
    }
