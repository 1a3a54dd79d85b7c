"""What a viewer asks about failures, all of them by their cause, and how a group of them is retried."""

from __future__ import annotations

from ..errors import BadRequest, NoSuchGroup
from ..failures import canary, groups, index, wire
from ..failures import limits as failures_limits
from ..failures.canary import Canary
from ..failures.entries import group_name
from ..failures.groups import Asked, Found, Group
from ..history import audit
from ..jobs import actions
from ..jobs.request import Request
from ..look import limits as look_limits
from ..messages import _
from ..models.bench import Bench
from ..models.jobs import Call, Job, Page
from ..progress import limits as progress_limits
from ..redis import keys
from ..redis.link import if_written, reaching_redis
from ..wire import Json, outcomes_json, page_json
from .context import Context


class Failures:
    def __init__(self, context: Context) -> None:
        self._context = context

    def groups(
        self,
        queue: str | None = None,
        method: str | None = None,
        site: str | None = None,
        group: str | None = None,
        order: str = "count",
        page: int = 1,
        size: int = 50,
    ) -> Json:
        """One page of groups, and the canaries that were started lately. Raises BadRequest."""
        if page < 1 or not 1 <= size <= look_limits.PAGE_SIZE_MAX:
            text = _("Pages count from 1, and hold 1 to {page_size_max} groups.")
            raise BadRequest(text.format(page_size_max=look_limits.PAGE_SIZE_MAX))
        bench, asked = self._context.look().bench, Asked(queue, method, site, group, order)
        redis = self._context.engine.redis
        with reaching_redis():
            whole = self._refresh(bench)
            found = groups.read(redis, bench, self._context.scope, asked)
            shown = found.groups[(page - 1) * size : page * size]
            details = groups.details(redis, shown, bench.at)
            canaries = self._canaries()
        wired = [
            wire.group(group, about, self._plain(bench, group)) for group, about in zip(shown, details, strict=True)
        ]
        plain, is_whole = self._context.redaction.text, _is_whole(bench, asked, whole, found)
        return wire.page(
            wire.Page(bench.at.timestamp(), found, is_whole, page, size),
            wired,
            [wire.canary(each, plain) for each in canaries],
        )

    def jobs(
        self, group: str, queue: str | None = None, site: str | None = None, page: int = 1, size: int = 20
    ) -> Json:
        """One page of a group's jobs, those that failed last first. Raises NoSuchGroup, BadRequest."""
        bench, engine = self._context.look().bench, self._context.engine
        with reaching_redis():
            found = self._group(bench, group, queue, site)
            jobs = groups.jobs(engine.redis, engine.reader, found, page, size)
        mine = self._context.scope.jobs(jobs)
        return page_json(self._context.view(bench), Page(found.count, False, page, size, mine))

    def retry(
        self,
        group: str,
        canary: bool = True,
        rate: float = 60.0,
        stop_at: int = 3,
        reason: str = "",
        queue: str | None = None,
        site: str | None = None,
    ) -> Json:
        """Retry all jobs of a group: one first and then the others (`canary`), or all at once, where they are few.

        `rate`: jobs a minute; `stop_at`: how many of them may fail in the same way. Answers `{"canary"}`, or the
        outcomes. Raises Forbidden, NoSuchGroup, BadRequest.
        """
        self._context.require_act()
        bench, reason = self._context.look().bench, reason.strip()
        _check(rate, stop_at, reason)
        with self._context.changing():
            self._refresh(bench)
            found = self._group(bench, group, queue, site)
            if canary:
                return {"canary": self._start(bench, found, rate, stop_at, reason, queue, site)}
            return self._at_once(bench, found, reason)

    def cancel_canary(self, canary: str, reason: str = "") -> Json:
        """Those that it has not released stay failed. Raises Forbidden, NoSuchGroup."""
        return self._cancel(canary, reason.strip())

    def _at_once(self, bench: Bench, found: Group, reason: str) -> Json:
        engine, most = self._context.engine, failures_limits.AT_ONCE
        if found.count > most:
            text = _("At most {most:,} jobs are retried at once; {count:,} are in it. Use a canary.")
            raise BadRequest(text.format(most=most, count=found.count))
        ids = groups.job_ids(engine.redis, found, most, newest_first=False)
        if not ids:
            return outcomes_json([])
        request = Request("retry", self._context.viewer.name, reason)
        return outcomes_json(actions.run(engine.redis, engine.reader, bench, self._context.scope, request, ids))

    def _start(
        self, bench: Bench, found: Group, rate: float, stop_at: int, reason: str, queue: str | None, site: str | None
    ) -> Json:
        engine, viewer, scope = self._context.engine, self._context.viewer, self._context.scope
        if not reason:
            raise BadRequest(_("Say why: it goes on while nobody looks, and others will want to know."))
        if sum(each.goes_on for each in self._canaries(everybody=True)) >= failures_limits.CANARIES:
            text = _("{count} groups are being retried already. Cancel some first.")
            raise BadRequest(text.format(count=failures_limits.CANARIES))
        kind, of_site = found.kind, scope.site or site or None
        new = Canary(
            name=group_name(of_site, kind.key),
            bench=engine.watch.queue_prefix,
            site=of_site,
            group=kind.key,
            method=kind.method,
            type=kind.type,
            message=kind.message,
            actor=viewer.name,
            reason=reason,
            rate=rate,
            stop_at=stop_at,
            started_at=bench.at.timestamp(),
        )
        ids = groups.job_ids(engine.redis, found, failures_limits.GROUP_JOBS, newest_first=False)
        if not canary.start(engine.redis, new, ids):
            raise BadRequest(_("This group is being retried already: wait for its end, or cancel that first."))
        audit.try_to_record(
            engine.redis, [canary.entry(new, "start_canary", viewer.name, "failed", canary.TRYING, reason)]
        )
        return wire.canary(canary.turn(engine.redis, engine.reader, canary.read(engine.redis, new.name) or new), str)

    def _cancel(self, name: str, reason: str) -> Json:
        self._context.require_act()
        engine = self._context.engine
        with self._context.changing():
            found = next((each for each in self._canaries() if each.name == name), None)
            if found is None:
                raise NoSuchGroup(name)
            if canary.cancel(engine.redis, name):
                entry = canary.entry(found, "cancel_canary", self._context.viewer.name, found.state, "canceled", reason)
                audit.try_to_record(engine.redis, [entry])
            return {"canary": wire.canary(canary.read(engine.redis, name) or found, self._context.redaction.text)}

    def _canaries(self, everybody: bool = False) -> list[Canary]:
        engine, site = self._context.engine, self._context.scope.site
        found = canary.of_bench(engine.redis, engine.watch.queue_prefix)
        return [each for each in found if everybody or site in (None, each.site)]

    def _refresh(self, bench: Bench) -> frozenset[str]:
        """What others went through a moment ago is not gone through again, on a bench with very many failures."""
        engine = self._context.engine
        many = sum(lane.counts.failed for lane in bench.lanes) > failures_limits.QUICK
        pace = keys.own("failed_pace", engine.watch.queue_prefix)

        def refresh() -> frozenset[str]:
            if many and not engine.redis.set(pace, 1, nx=True, px=round(failures_limits.PACE_S * 1000)):
                return frozenset()
            return index.refresh(engine.redis, engine.reader, bench, failures_limits.LOOK_S)

        return if_written(refresh) or frozenset()

    def _group(self, bench: Bench, group: str, queue: str | None, site: str | None) -> Group:
        asked = Asked(queue, None, site, group)
        found = groups.read(self._context.engine.redis, bench, self._context.scope, asked).groups if group else ()
        if not found:
            raise NoSuchGroup(group)
        return found[0]

    def _plain(self, bench: Bench, group: Group) -> wire.Plain:
        """Also without what the method's policy calls sensitive."""
        kind = group.kind
        like_these = Job("", group.parts[0].lane, "failed", Call(kind.method, kind.method, "method", kind.site or None))
        return self._context.view(bench).redaction_for(like_these).text


def _check(rate: float, stop_at: int, reason: str) -> None:
    if not 1 <= rate <= failures_limits.RATE_MAX:
        raise BadRequest(_("A rate is 1 to {most:g} jobs a minute.").format(most=failures_limits.RATE_MAX))
    if not 1 <= stop_at <= failures_limits.GROUP_JOBS:
        raise BadRequest(_("It stops at the first same failure, or a later one: stop_at is 1 or more."))
    if len(reason) > progress_limits.REASON_CHARS:
        raise BadRequest(
            _("A reason has at most {reason_chars} characters.").format(reason_chars=progress_limits.REASON_CHARS)
        )


def _is_whole(bench: Bench, asked: Asked, whole: frozenset[str], found: Found) -> bool:
    """Whether each failed job of these lanes is counted: they were gone through just now, or none is missing."""
    lanes = [lane for lane in bench.lanes if asked.queue in (None, "", lane.name, lane.label)]
    return all(lane.name in whole or not lane.counts.failed for lane in lanes) or found.indexed == found.failed
