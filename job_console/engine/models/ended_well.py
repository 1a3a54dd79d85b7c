"""How many runs succeeded lately: see `look.recent`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone


@dataclass(frozen=True, slots=True)
class EndedWell:
    """How many runs succeeded since a time, by site; `anywhere`: as the jobs themselves count, without their sites."""

    since: datetime
    by_site: Mapping[str | None, int] = field(default_factory=dict)
    anywhere: int = 0

    def count(self, site: str | None) -> int:
        return max(self.by_site.get(site, 0), self.anywhere if self.anywhere > sum(self.by_site.values()) else 0)


#: Nothing failed, so nobody counted.
NOT_ASKED = EndedWell(datetime.max.replace(tzinfo=timezone.utc))
