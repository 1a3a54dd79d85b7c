"""Acknowledges, snoozes, mutes and unmutes warnings, with an entry in the trail; and forgets what has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ..diagnosis import groups
from ..errors import BadRequest
from ..history import audit
from ..look import silences
from ..look.silences import Silenced
from ..messages import _
from ..models.bench import Bench
from ..models.outcomes import AuditEntry
from ..models.silences import Silence
from ..models.warnings import Warning
from ..progress import limits as progress_limits
from ..redis import keys
from ..redis.link import Redis, pipelined, raise_first, reaching_redis, refuses_writes
from ..scope import Scope
from . import limits

if TYPE_CHECKING:
    from .shared import Core
    from .watch import Look

#: What is done to a warning, what it then is, and for how long when nobody says.
HOW: Mapping[str, tuple[str, float]] = {
    "acknowledge": ("acknowledged", limits.SILENCE_S),
    "snooze": ("snoozed", limits.SNOOZE_S),
    "mute": ("muted", limits.SILENCE_MAX_S),
    "unmute": ("told", 0.0),
}


@dataclass(frozen=True, slots=True)
class Request:
    how: str
    actor: str
    site: str | None
    seconds: float | None = None
    reason: str = ""


def put(redis: Redis, queue_prefix: str, bench: Bench, warning: Warning, request: Request) -> Silence | None:
    """None: it is shown again from now on. Raises BadRequest."""
    _check(bench, request)
    state, usual = HOW[request.how]
    silence = Silence(
        warning=warning.id,
        site=request.site,
        state=state,
        by=request.actor,
        at=bench.at,
        until=bench.at + timedelta(seconds=usual if request.seconds is None else request.seconds),
        severity=warning.severity,
        weight=silences.weight(warning),
        reason=request.reason,
        seen_at=bench.at,
    )
    name, field = keys.silences(queue_prefix), silences.field(request.site, warning.id)
    before = Silenced(bench, request.site).of(warning)
    # MULTI: the server does both or none, and who silenced it is in the trail.
    pipeline = redis.pipeline(transaction=True)
    if request.how == "unmute":
        pipeline.hdel(name, field)
    else:
        pipeline.hset(name, field, silences.to_json(silence))
        pipeline.expire(name, round(limits.SILENCE_MAX_S))
    audit.ask(pipeline, _entry(warning, request, before.state if before else "told", state))
    pipeline.execute()
    return None if request.how == "unmute" else silence


def _entry(warning: Warning, request: Request, before: str, after: str) -> AuditEntry:
    """It names no job: nothing was done to one."""
    return AuditEntry(
        actor=request.actor,
        action=request.how,
        job_id="",
        ok=True,
        state_before=before,
        state_after=after,
        reason=request.reason,
        queue=warning.queue,
        site=request.site,
        detail=f"{warning.code} {warning.id}",
    )


def _check(bench: Bench, request: Request) -> None:
    if request.how not in HOW:
        raise BadRequest(
            _("What can be done to a warning is {known}; not {how!r}.").format(known=", ".join(HOW), how=request.how)
        )
    if len(request.reason) > progress_limits.REASON_CHARS:
        raise BadRequest(
            _("A reason has at most {reason_chars} characters.").format(reason_chars=progress_limits.REASON_CHARS)
        )
    if request.seconds is not None and not 0 < request.seconds <= limits.SILENCE_MAX_S:
        raise BadRequest(
            _("A warning is silenced for at most {days:.0f} days.").format(days=limits.SILENCE_MAX_S / 86_400)
        )
    if request.how != "unmute" and len(bench.silences) >= limits.SILENCES:
        raise BadRequest(
            _("At most {count} warnings are silenced at once; mend some, or unmute them.").format(count=limits.SILENCES)
        )


def tidy(engine: Core, look: Look) -> None:
    """A duty of the sweep (`duties`): an acknowledged warning that has ended asks again when it comes back."""
    bench = look.bench
    if not bench.silences:
        return
    pipeline, name = pipelined(engine.redis), keys.silences(engine.watch.queue_prefix)
    present = {site: _present(look, site) for site in {each.site for each in bench.silences}}
    for each in bench.silences:
        field, unseen_s = silences.field(each.site, each.warning), (bench.at - each.seen_at).total_seconds()
        if each.warning in present[each.site]:
            if unseen_s >= limits.INCIDENT_TOUCH_S:
                pipeline.hset(name, field, silences.to_json(replace(each, seen_at=bench.at)))
        elif each.state == "acknowledged" and unseen_s > limits.INCIDENT_TOUCH_S + limits.INCIDENT_CALM_S:
            pipeline.hdel(name, field)
    with reaching_redis():
        raise_first(pipeline.execute(raise_on_error=False), unless=refuses_writes)


def _present(look: Look, site: str | None) -> set[str]:
    return {each.id for each in groups.merged(Scope(site).warnings(look.warnings, look.bench), look.bench)}
