"""Warnings that somebody has acknowledged, snoozed or muted: they stay on the page, and are not counted or notified.

Acknowledged: until the warning ends. Snoozed: until a time. Muted: also when the warning ends and comes back. Each of
them ends at `until` at the latest, or when the warning gets more severe; the first two also when it is about twice as
many jobs.
Kept in Redis, so that the pages of all hosts and the command line agree; one hash with a TTL and a most number. What a
site's manager does holds for that site's page; what the bench's operator does (site None), for all. See `silencing`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ..models.silences import SEVERITIES, Silence
from ..redis import keys
from ..redis.link import Pipeline
from ..rq.records import text

if TYPE_CHECKING:
    from ..models.bench import Bench
    from ..models.warnings import Warning

_MOMENTS = ("at", "until", "seen_at")


class Silenced:
    """What is silenced for this site: its own silences before the bench's."""

    def __init__(self, bench: Bench, site: str | None) -> None:
        self._now = bench.at
        sites: Mapping[str | None, int] = {None: 0, site: 1}
        mine = sorted((each for each in bench.silences if each.site in sites), key=lambda each: sites[each.site])
        self._known = {each.warning: each for each in mine}

    def of(self, warning: Warning) -> Silence | None:
        known = self._known.get(warning.id)
        return known if known is not None and known.until > self._now and not _worse(known, warning) else None


def ask(pipeline: Pipeline, queue_prefix: str) -> None:
    pipeline.hgetall(keys.silences(queue_prefix))


def read(answer: Any, now: datetime) -> tuple[Silence, ...]:
    """Those that have not ended; what is none of ours counts as nothing."""
    fields: dict[Any, Any] = dict(answer) if isinstance(answer, dict) else {}
    found = (_silence(text(name) or "", value) for name, value in fields.items())
    return tuple(each for each in found if each is not None and each.until > now)


def weight(warning: Warning) -> int:
    """How many jobs, kills or failures a warning is about, where it counts them."""
    counts = (warning.evidence.get(name) for name in ("count", "kills", "failures"))
    return next((count for count in counts if isinstance(count, int)), 1)


def _worse(silence: Silence, warning: Warning) -> bool:
    if SEVERITIES.index(warning.severity) < SEVERITIES.index(silence.severity):
        return True
    return silence.state != "muted" and weight(warning) >= 2 * silence.weight


def field(site: str | None, warning: str) -> str:
    """The field of the hash."""
    return f"{site or ''}|{warning}"


def to_json(silence: Silence) -> str:
    return json.dumps({**asdict(silence), **{name: getattr(silence, name).timestamp() for name in _MOMENTS}})


def _silence(place: str, value: Any) -> Silence | None:
    """None: not one of ours."""
    site, _bar, warning = place.rpartition("|")
    try:
        plain = json.loads(value)
        moments = {name: datetime.fromtimestamp(float(plain[name]), timezone.utc) for name in _MOMENTS}
        state, by, severity, reason = (str(plain[name]) for name in ("state", "by", "severity", "reason"))
        found = Silence(
            warning=warning,
            site=site or None,
            state=state,
            by=by,
            severity=severity,
            weight=int(plain["weight"]),
            reason=reason,
            **moments,
        )
        return found if found.severity in SEVERITIES else None
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        return None
