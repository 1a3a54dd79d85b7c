"""What a caller asks of a lock: how long its lease lasts, how long to wait, exclusive, shared or counted."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import NamedTuple

from ..errors import BadRequest
from ..messages import _
from ..models.locks import COUNTED, SHARED, Who
from . import limits, steps

_WHO = tuple(each.name for each in fields(Who))


class LockOptions(NamedTuple):
    """`owner`: the id of the job or request, which may take the lock again when it is `reentrant`; None: the thread."""

    ttl_s: float = 60.0
    wait_s: float = 10.0
    renew: bool = True
    shared: bool = False
    slots: int = 1
    reentrant: bool = False
    owner: str | None = None

    def check(self) -> None:
        """Raises BadRequest for values out of range, or that contradict each other."""
        if not limits.LOCK_TTL_MIN_S <= self.ttl_s <= limits.LOCK_TTL_MAX_S:
            raise BadRequest(
                _("A lease lasts {lock_ttl_min_s:g} to {lock_ttl_max_s:g} s.").format(
                    lock_ttl_min_s=limits.LOCK_TTL_MIN_S, lock_ttl_max_s=limits.LOCK_TTL_MAX_S
                )
            )
        if not 0 <= self.wait_s <= limits.LOCK_TTL_MAX_S:
            raise BadRequest(_("Waiting takes 0 to {lock_ttl_max_s:g} s.").format(lock_ttl_max_s=limits.LOCK_TTL_MAX_S))
        if not 1 <= self.slots <= limits.LOCK_SLOTS_MAX:
            raise BadRequest(
                _("A counted lock has 1 to {lock_slots_max} slots.").format(lock_slots_max=limits.LOCK_SLOTS_MAX)
            )
        if self.shared and self.slots != 1:
            raise BadRequest(_("A lock is shared or counted, not both."))

    @property
    def exclusive(self) -> bool:
        return not self.shared and self.slots == 1

    def wanted(self, name: str, lease_id: str, who: Who | None) -> steps.Wanted:
        mode = SHARED if self.shared else COUNTED
        return steps.Wanted(name, lease_id, self.ttl_s, mode, self.slots, _info(who) if who else "{}")


def _info(who: Who) -> str:
    known = {name: value for name in _WHO if (value := getattr(who, name)) is not None}
    short = {
        name: value[: limits.LOCK_TEXT_CHARS] if isinstance(value, str) else value for name, value in known.items()
    }
    return json.dumps(short, separators=(",", ":"))
