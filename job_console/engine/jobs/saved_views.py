"""Saved views in Redis: a hash for the whole bench and one for each site, as each sees other jobs. Bounded, no expiry.

A name stands once among a person's own views, and once among the shared ones: saving it again changes it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from ..errors import BadRequest
from ..messages import _
from ..models.saved_views import SavedView
from ..redis import keys
from ..redis.link import Redis
from ..rq.records import from_score, text
from . import limits, query_text, sorting


def made(name: str, q: str, sort: str, owner: str, now: datetime, shared: bool) -> SavedView:
    """As somebody asks for it. Raises BadRequest."""
    name, q = " ".join(name.split()), q.strip()
    if not 1 <= len(name) <= limits.VIEW_NAME_CHARS:
        raise BadRequest(_("A view has a name of at most {count} characters.").format(count=limits.VIEW_NAME_CHARS))
    query_text.read(q, now)
    if sort:
        sorting.Order.read(sort)
    if not q and not sort:
        raise BadRequest(_("Say which jobs: a view of everything needs no name."))
    return SavedView(_id(name, owner, shared), name, q, sort, owner, now, shared)


def read(redis: Redis, key: str) -> list[SavedView]:
    """All of them, by name. One round trip."""
    fields: Any = redis.hgetall(key)
    found = [view for view_id, value in fields.items() if (view := _read(text(view_id) or "", value))]
    return sorted(found, key=lambda view: (view.name.lower(), view.shared))


def seen_by(views: list[SavedView], person: str) -> list[SavedView]:
    return [view for view in views if view.shared or view.owner == person]


def save(redis: Redis, key: str, view: SavedView) -> None:
    """Raises BadRequest where there are too many."""
    others = [each for each in read(redis, key) if each.id != view.id]
    own = [each for each in others if each.owner == view.owner and not each.shared]
    if not view.shared and len(own) >= limits.VIEWS_OF_A_PERSON:
        too_many = _("A person keeps at most {count} views: delete one first.")
        raise BadRequest(too_many.format(count=limits.VIEWS_OF_A_PERSON))
    if len(others) >= limits.VIEWS:
        raise BadRequest(_("At most {count} views are kept here: delete one first.").format(count=limits.VIEWS))
    value = [view.name, view.q, view.sort, view.owner, view.at.timestamp(), view.shared]
    redis.hset(key, view.id, json.dumps(value))


def delete(redis: Redis, key: str, view: SavedView) -> bool:
    gone: Any = redis.hdel(key, view.id)
    return bool(gone)


def key_of(queue_prefix: str, site: str | None) -> str:
    return keys.saved_views(queue_prefix, site or "")


def _id(name: str, owner: str, shared: bool) -> str:
    """No name of a person or a site stands in it: see `redis.forget`."""
    whose = "shared" if shared else f"of {owner}"
    return hashlib.sha1(f"{whose}\n{name.lower()}".encode(), usedforsecurity=False).hexdigest()[:12]


def _read(view_id: str, value: Any) -> SavedView | None:
    try:
        name, q, sort, owner, at, shared = json.loads(value)
        moment = from_score(float(at))
    except (ValueError, TypeError):
        return None
    if moment is None:
        return None
    return SavedView(view_id, str(name), str(q), str(sort), str(owner), moment, bool(shared))
