"""A warning's remedy, done to all that the warning is about: in batches that one action takes, through its runner."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import BadRequest
from ..jobs import actions
from ..jobs import limits as jobs_limits
from ..jobs.request import Request
from ..look.reader import JobReader
from ..messages import _
from ..models.bench import Bench
from ..models.outcomes import Outcome
from ..models.warnings import Remedy
from ..redis.link import Redis
from ..rq.records import moment
from ..scope import Scope
from .groups import Group

#: What must not meet another run of the same id than the one that was seen.
_OF_A_RUN = ("stop", "stop_gently", "hand_over", "more_time")


def perform(
    redis: Redis, reader: JobReader, bench: Bench, scope: Scope, actor: str, group: Group, action: str, reason: str
) -> list[Outcome]:
    """One outcome for each of its jobs. Raises BadRequest."""
    remedy = offered(group, action)
    if remedy.needs_site:
        raise BadRequest(_("Only the site's own desk can do that."))
    if action == "release_lock":
        raise BadRequest(_("A lock is released by its name."))
    requests = [
        (Request(action, actor, reason, queue=_queue(group, action), started_at=moment(started)), ids)
        for started, ids in _batches(group, action)
    ]
    return [done for request, ids in requests for done in actions.run(redis, reader, bench, scope, request, ids)]


def offered(group: Group, action: str) -> Remedy:
    """Raises BadRequest when the warning has no such remedy."""
    remedy = next((each for each in group.warning.remedies if each.action == action), None)
    if remedy is None:
        known = ", ".join(each.action for each in group.warning.remedies) or "none"
        raise BadRequest(
            _("That is no remedy of this warning ({code}); it has {known}.").format(
                code=group.warning.code, known=known
            )
        )
    return remedy


def _queue(group: Group, action: str) -> str | None:
    return group.warning.queue if action == "clear" else None


def _batches(group: Group, action: str) -> Iterator[tuple[str | None, list[str]]]:
    ids = group.job_ids(action)
    if not ids:
        yield None, []
    if action in _OF_A_RUN:
        started = {each.job_id: each.evidence.get("started_at") for each in group.members}
        yield from ((started[job_id], [job_id]) for job_id in ids)
        return
    yield from (
        (None, ids[start : start + jobs_limits.BULK_JOBS]) for start in range(0, len(ids), jobs_limits.BULK_JOBS)
    )
