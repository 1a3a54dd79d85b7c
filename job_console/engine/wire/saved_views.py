"""Saved views of Jobs."""

from __future__ import annotations

from ..models.saved_views import SavedView
from .values import Json, time


def saved_view_json(view: SavedView, own: bool, operates: bool) -> Json:
    """`own`: whoever asks has saved it; `operates`: they may change what is shared."""
    return {
        "id": view.id,
        "name": view.name,
        "q": view.q,
        "sort": view.sort or None,
        "owner": view.owner,
        "at": time(view.at),
        "shared": view.shared,
        "may_delete": own or operates,
    }
