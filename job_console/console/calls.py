"""The calls of the HTTP server under /api: what each takes, and what of a `Console` answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from job_console.engine.errors import BadRequest
from job_console.engine.service import Console

Json = dict[str, Any]


@dataclass(frozen=True)
class Read:
    """A reading call: what of a console answers it, and the query arguments that it takes, with their types."""

    answer: Callable[[Console], Callable[..., Json]]
    takes: Mapping[str, type] = field(default_factory=dict)
    #: Without these it is refused, as without `_ALWAYS`.
    also: frozenset[str] = frozenset()

    @property
    def needs(self) -> list[str]:
        return [name for name in self.takes if name in _ALWAYS or name in self.also]


#: What each call needs that takes it.
_ALWAYS = frozenset(("job_id", "key", "code"))

READS: Mapping[str, Read] = {
    "snapshot": Read(lambda console: console.snapshot, {"since": str}),
    "jobs": Read(
        lambda console: console.jobs.page,
        {
            **dict.fromkeys(("queue", "status", "method", "site", "user", "text", "q", "sort", "at", "after"), str),
            **dict.fromkeys(("page", "size"), int),
        },
    ),
    "search": Read(
        lambda console: console.jobs.search,
        dict.fromkeys(("text", "method", "user", "site", "queue", "status", "q", "cursor"), str),
    ),
    "failures": Read(
        lambda console: console.failures.groups,
        {**dict.fromkeys(("queue", "method", "site", "group", "order"), str), **dict.fromkeys(("page", "size"), int)},
    ),
    "failure_jobs": Read(
        lambda console: console.failures.jobs,
        {**dict.fromkeys(("group", "queue", "site"), str), **dict.fromkeys(("page", "size"), int)},
        also=frozenset(("group",)),
    ),
    "metrics_history": Read(
        lambda console: console.history.read,
        dict.fromkeys(("last", "until", "by", "queue", "method", "site"), str),
    ),
    "moment": Read(lambda console: console.past.moment, {"at": str}),
    "weekly_report": Read(lambda console: console.history.report, dict.fromkeys(("until", "site"), str)),
    "what_if": Read(
        lambda console: console.simulation.what_if,
        {**dict.fromkeys(("workers", "move", "schedule", "keep", "strategy"), str), "jobs": int},
    ),
    "complete_query": Read(lambda console: console.jobs.complete, {"q": str, "cursor": int}),
    "bulks": Read(lambda console: console.bulks.all),
    "views": Read(lambda console: console.saved_views.all),
    "waiting": Read(lambda console: console.jobs.waiting, {"queue": str}),
    "show": Read(lambda console: console.jobs.show, {"job_id": str}),
    "explain": Read(lambda console: console.jobs.explain, {"job_id": str}),
    "where": Read(lambda console: console.jobs.where, {"job_id": str}),
    "log": Read(lambda console: console.jobs.log, {"job_id": str}),
    "profile": Read(lambda console: console.jobs.profile, {"job_id": str}),
    "warnings": Read(lambda console: console.warnings.all),
    "open_incidents": Read(lambda console: console.incidents.all),
    "locks": Read(lambda console: console.locks.all, {"idle": int}),
    "lock": Read(lambda console: console.locks.show, {"key": str}),
    "audit": Read(lambda console: console.actions.audit, {"page": int, "size": int}),
    "schedule": Read(lambda console: console.schedules.all, {"site": str}),
    "schedule_preview": Read(
        lambda console: console.schedules.preview, {"cron": str, "site": str}, also=frozenset(("cron",))
    ),
    "schedule_day": Read(lambda console: console.schedules.day),
    "drain": Read(lambda console: console.operations.drain),
    "about_warning": Read(lambda console: console.warnings.about, {"code": str}),
}


@dataclass(frozen=True)
class Act:
    """An acting call: the arguments that its body may have, and what checks them and does it."""

    answer: Callable[[Console, Mapping[str, Any]], Json]
    takes: frozenset[str]


def _act(console: Console, call: Mapping[str, Any]) -> Json:
    ids = call.get("job_ids") or []
    if not isinstance(ids, list) or not all(isinstance(job_id, str) for job_id in ids):
        raise BadRequest("job_ids must be a list of texts.")
    texts = {name: call.get(name) for name in ("action", "reason", "to", "queue", "started_at")}
    if not all(value is None or isinstance(value, str) for value in texts.values()):
        raise BadRequest("action, reason, to, queue and started_at must be texts.")
    return console.actions.run(
        texts["action"] or "",
        ids,
        reason=texts["reason"] or "",
        to=texts["to"] or None,
        queue=texts["queue"] or None,
        started_at=texts["started_at"] or None,
    )


def _retry_edited(console: Console, call: Mapping[str, Any]) -> Json:
    job_id, changes, reason = call.get("job_id"), call.get("changes"), call.get("reason", "")
    if not isinstance(job_id, str) or not isinstance(reason, str):
        raise BadRequest("job_id and reason must be texts.")
    if not isinstance(changes, dict):
        raise BadRequest("changes must be an object: arguments by their names.")
    return console.actions.retry_edited(job_id, changes, reason)


def _mend(console: Console, call: Mapping[str, Any]) -> Json:
    dry_run, code = call.get("dry_run", False), call.get("code")
    if not isinstance(dry_run, bool) or not (code is None or isinstance(code, str)):
        raise BadRequest("dry_run must be true or false, code a text.")
    return console.warnings.mend(dry_run=dry_run, code=code)


def _remedy(console: Console, call: Mapping[str, Any]) -> Json:
    _about_a_warning(call, "action, reason, warning")
    return console.warnings.remedy(call["warning"], call.get("action", ""), call.get("reason", ""))


def _silence(console: Console, call: Mapping[str, Any]) -> Json:
    _about_a_warning(call, "how, reason, warning")
    seconds = call.get("seconds")
    if seconds is not None and not _is_number(seconds):
        raise BadRequest("seconds must be a number.")
    return console.warnings.silence(call["warning"], call.get("how", "acknowledge"), seconds, call.get("reason", ""))


def _about_a_warning(call: Mapping[str, Any], names: str) -> None:
    texts = (value for name, value in call.items() if name != "seconds")
    if not call.get("warning") or not all(isinstance(value, str) for value in texts):
        raise BadRequest(f"{names} must be texts, and a warning be named.")


def _release_lock(console: Console, call: Mapping[str, Any]) -> Json:
    key, reason, fence = _of_a_lock(call)
    return console.locks.release(key, reason, fence)


def _extend_lock(console: Console, call: Mapping[str, Any]) -> Json:
    key, reason, fence = _of_a_lock(call)
    seconds = call.get("seconds", 300)
    if not _is_number(seconds):
        raise BadRequest("seconds must be a number.")
    return console.locks.extend(key, seconds, reason, fence)


def _of_a_lock(call: Mapping[str, Any]) -> tuple[str, str, int | None]:
    key, reason, fence = call.get("key"), call.get("reason", ""), call.get("fence")
    if not isinstance(key, str) or not isinstance(reason, str):
        raise BadRequest("key and reason must be texts.")
    if fence is not None and type(fence) is not int:
        raise BadRequest("fence must be a whole number.")
    return key, reason, fence


def _operate(console: Console, call: Mapping[str, Any]) -> Json:
    texts = {name: call.get(name) or "" for name in ("action", "target", "reason", "to")}
    if not all(isinstance(value, str) for value in texts.values()):
        raise BadRequest("action, target, reason and to must be texts.")
    seconds = call.get("seconds")
    if seconds is not None and not _is_number(seconds):
        raise BadRequest("seconds must be a number.")
    return console.operations.run(texts["action"], texts["target"], seconds, texts["reason"], texts["to"] or None)


def _retry_group(console: Console, call: Mapping[str, Any]) -> Json:
    texts = {name: call.get(name) or "" for name in ("group", "reason", "queue", "site")}
    if not texts["group"] or not all(isinstance(value, str) for value in texts.values()):
        raise BadRequest("reason, queue and site must be texts, and a group be named.")
    one_first, rate, stop_at = call.get("canary", True), call.get("rate", 60.0), call.get("stop_at", 3)
    if not isinstance(one_first, bool) or not _is_number(rate) or type(stop_at) is not int:
        raise BadRequest("canary must be true or false, rate a number, stop_at a whole number.")
    return console.failures.retry(
        texts["group"], one_first, rate, stop_at, texts["reason"], texts["queue"] or None, texts["site"] or None
    )


def _cancel_canary(console: Console, call: Mapping[str, Any]) -> Json:
    name, reason = call.get("canary"), call.get("reason", "")
    if not isinstance(name, str) or not isinstance(reason, str):
        raise BadRequest("canary and reason must be texts.")
    return console.failures.cancel_canary(name, reason)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _start_bulk(console: Console, call: Mapping[str, Any]) -> Json:
    texts = {name: call.get(name) or "" for name in ("action", "q", "reason", "to")}
    if not all(isinstance(value, str) for value in texts.values()):
        raise BadRequest("action, q, reason and to must be texts.")
    return console.bulks.start(texts["action"], texts["q"], texts["reason"], texts["to"] or None)


def _acknowledge(console: Console, call: Mapping[str, Any]) -> Json:
    if not isinstance(call.get("incident"), str):
        raise BadRequest("incident must be a text.")
    return console.incidents.acknowledge(call["incident"])


def _save_view(console: Console, call: Mapping[str, Any]) -> Json:
    texts = {name: call.get(name) or "" for name in ("name", "q", "sort")}
    shared = call.get("shared", False)
    if not isinstance(shared, bool) or not all(isinstance(value, str) for value in texts.values()):
        raise BadRequest("name, q and sort must be texts, shared true or false.")
    return console.saved_views.save(texts["name"], texts["q"], texts["sort"], shared)


def _delete_view(console: Console, call: Mapping[str, Any]) -> Json:
    if not isinstance(call.get("view"), str):
        raise BadRequest("view must be a text.")
    return console.saved_views.delete(call["view"])


def _of_a_bulk(do: Callable[[Console], Callable[[str], Json]]) -> Act:
    def answer(console: Console, call: Mapping[str, Any]) -> Json:
        if not isinstance(call.get("bulk"), str):
            raise BadRequest("bulk must be a text.")
        return do(console)(call["bulk"])

    return Act(answer, frozenset(("bulk",)))


ACTS: Mapping[str, Act] = {
    "start_bulk": Act(_start_bulk, frozenset(("action", "q", "reason", "to"))),
    "step_bulk": _of_a_bulk(lambda console: console.bulks.go_on),
    "cancel_bulk": _of_a_bulk(lambda console: console.bulks.cancel),
    "undo_bulk": _of_a_bulk(lambda console: console.bulks.undo),
    "acknowledge": Act(_acknowledge, frozenset(("incident",))),
    "save_view": Act(_save_view, frozenset(("name", "q", "sort", "shared"))),
    "delete_view": Act(_delete_view, frozenset(("view",))),
    "act": Act(_act, frozenset(("action", "job_ids", "reason", "to", "queue", "started_at"))),
    "retry_edited": Act(_retry_edited, frozenset(("job_id", "changes", "reason"))),
    "mend": Act(_mend, frozenset(("dry_run", "code"))),
    "remedy": Act(_remedy, frozenset(("warning", "action", "reason"))),
    "silence_warning": Act(_silence, frozenset(("warning", "how", "seconds", "reason"))),
    "release_lock": Act(_release_lock, frozenset(("key", "reason", "fence"))),
    "operate": Act(_operate, frozenset(("action", "target", "seconds", "reason", "to"))),
    "retry_group": Act(_retry_group, frozenset(("group", "canary", "rate", "stop_at", "reason", "queue", "site"))),
    "cancel_canary": Act(_cancel_canary, frozenset(("canary", "reason"))),
    "extend_lock": Act(_extend_lock, frozenset(("key", "seconds", "reason", "fence"))),
}
