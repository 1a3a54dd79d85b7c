"""The tools: calls of the HTTP API (`calls`), with words and schemas for an assistant. What acts wants a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from job_console.engine.errors import BadRequest
from job_console.engine.service import Console

from ..calls import ACTS, READS
from ..openapi.bodies import BODIES
from ..openapi.notation import record
from ..verbs_act import PLAIN
from .bounded import ends

Json = dict[str, Any]
#: Rows of a page.
ROWS = 50
#: An error that quotes what it was given is cut.
PROBLEM_CHARS = 400

_TEXT, _COUNT = {"type": "string"}, {"type": "integer", "minimum": 1}
_ARGUMENTS: Mapping[str, Json] = {
    "q": {
        **_TEXT,
        "description": (
            "Words, each of which stands in the id, the method, the user or the arguments; or fields: "
            "status:failed method:*.sync_* queue:short site:a.localhost user:mia age:>1h arg.invoice:SINV-1 error:Time "
            "ran:>5m group:ID; a term behind - must not hold. A wrong one is answered with what is wrong."
        ),
    },
    "job_id": {**_TEXT, "description": "The whole id, e.g. SITE||ID."},
    "job_ids": {"type": "array", "items": _TEXT, "minItems": 1, "description": "Whole ids, e.g. SITE||ID."},
    "queue": {**_TEXT, "description": "Name of a lane, as the snapshot has it."},
    "site": {**_TEXT, "description": "Only of this site."},
    "page": _COUNT,
    "size": {**_COUNT, "maximum": ROWS, "description": "Rows of a page."},
    "sort": {**_TEXT, "description": "enqueued, started, ended, took, method, user, …; -ended: the last first."},
    "cursor": {**_TEXT, "description": "Goes on where the answer before ended: its cursor."},
    "order": {"enum": ["count", "last"], "description": "The most failures first, or the last."},
    "group": {**_TEXT, "description": "The id of a group of failures, as failures has it."},
    "last": {"enum": ["15m", "1h", "6h", "24h", "7d", "30d", "90d", "13mo"]},
    "by": {"enum": ["method", "queue", "site"]},
    "at": {**_TEXT, "description": "A time of the last week, as 2026-11-23T16:40:00Z; else now."},
    "until": {**_TEXT, "description": "A time, as 2026-11-23T16:40:00Z; else now."},
    "code": {**_TEXT, "description": "The code of a warning."},
    "warning": {**_TEXT, "description": "The id of a warning, as warnings has it."},
    "action": {**_TEXT, "description": "The action of one of the warning's remedies."},
    "how": {"enum": ["acknowledge", "snooze", "mute", "unmute"]},
    "key": {**_TEXT, "description": "The key of a lock, as locks has it."},
    "to": {**_TEXT, "description": "Name of the lane to move to."},
    "canary": {"description": "Of retry_group: one job first (true). Of cancel_canary: its name."},
    "reason": {**_TEXT, "pattern": r"\S", "description": "Why, in a sentence; kept in the audit trail."},
}


@dataclass(frozen=True)
class Tool:
    name: str
    about: str
    schema: Json
    acts: bool = False
    #: Looks twice first, as a command does that comes only once: a first look reports nothing that may be a race.
    proves: bool = False

    def answer(self, console: Console, arguments: Mapping[str, Any]) -> Json:
        """Raises BadRequest for arguments that are not those of `schema`, and what the call raises."""
        error = next(iter(Draft202012Validator(self.schema).iter_errors(dict(arguments))), None)
        if error is not None:
            place = f"{error.json_path.lstrip('$.')}: " if error.path else ""
            raise BadRequest(f"{place}{ends(error.message, PROBLEM_CHARS)}")
        if self.proves:
            console.engine.watch.look_proven()
        return self._call(console, arguments)

    def _call(self, console: Console, arguments: Mapping[str, Any]) -> Json:
        read = READS[self.name]
        return read.answer(console)(**{name: read.takes[name](value) for name, value in arguments.items()})


class ActTool(Tool):
    def _call(self, console: Console, arguments: Mapping[str, Any]) -> Json:
        if self.name in ACTS:
            return ACTS[self.name].answer(console, arguments)
        return ACTS["act"].answer(console, {**arguments, "action": self.name})


def _look(name: str, about: str, *arguments: str, proves: bool = False) -> Tool:
    properties = {each: _ARGUMENTS[each] for each in arguments}
    required = [each for each in arguments if each in READS[name].needs]
    return Tool(name, about, _schema(properties, required), proves=proves)


def _act(name: str, about: str, *, proves: bool = False) -> Tool:
    """A call of the API, with its reason. What its body may hold stands in `openapi.bodies`."""
    body = record(BODIES[name])
    properties = {each: {**kind, **_ARGUMENTS.get(each, {})} for each, kind in body["properties"].items()}
    return ActTool(name, about, _schema(properties, sorted({*body["required"], "reason"})), acts=True, proves=proves)


def _on_jobs(name: str, about: str, *more: str) -> Tool:
    """An action of the call `act`."""
    taken = ("job_ids", "reason", *more)
    return ActTool(name, about, _schema({each: _ARGUMENTS[each] for each in taken}, list(taken)), acts=True)


def _schema(properties: Json, required: list[str]) -> Json:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


LOOKS = (
    _look("snapshot", "The whole bench now: how well it is, lanes, workers, warnings. Begin here.", proves=True),
    _look("warnings", "What is wrong, with evidence and remedies. Of a healthy bench none.", proves=True),
    _look("about_warning", "What a warning of this code means, and what to do about it.", "code"),
    _look("jobs", "A page of the jobs that match.", "q", "sort", "page", "size"),
    _look("search", "Goes through all jobs, a slice at each call, until the answer's cursor is null.", "q", "cursor"),
    _look("waiting", "Of what the waiting jobs are made: by method, site and user.", "queue"),
    _look("show", "One job: its state, runs, arguments, traceback, warnings.", "job_id"),
    _look("explain", "Why a job waits, runs, failed or is stuck; the most immediate cause first.", "job_id"),
    _look("where", "Where in its code a running job is now, and what it waits for.", "job_id"),
    _look("log", "What a job has printed and logged, the last kilobytes, also of one that was killed.", "job_id"),
    _look("failures", "What failed, in groups by its cause.", "order", "queue", "site", "page", "size"),
    _look("failure_jobs", "The jobs of a group of failures.", "group", "page", "size"),
    _look("schedule", "What the scheduler runs: when next, how the last runs ended, what blocks it.", "site"),
    _look("locks", "Locks that are held or waited for, by whom and how long; deadlocks."),
    _look("metrics_history", "What ran, failed, waited and cost, over a range of time.", "last", "until", "by"),
    _look("moment", "The bench as it was at a moment of the last week, and when there are pictures of it.", "at"),
    _look("weekly_report", "The last seven days beside the seven before: failures, growth, waits, advice.", "until"),
    _look("audit", "Who did what to which job, newest first.", "page", "size"),
)
ACTING = (
    *(_on_jobs(verb.replace("-", "_"), about) for verb, about in PLAIN.items()),
    _on_jobs("retry", "Run failed or canceled jobs again; a finished one is enqueued as a new job."),
    _on_jobs("move", "Move waiting jobs to the end of another lane.", "to"),
    _act("remedy", "Do a remedy of a warning, to all jobs that it is about.", proves=True),
    _act("silence_warning", "Put a warning off: it stays, and asks for nobody.", proves=True),
    _act("retry_group", "Retry a group of failures: one job first, then the rest at a rate."),
    _act("cancel_canary", "End a retry of a group."),
    _act("release_lock", "Take a lock from its holder, whose work is then rolled back."),
    _act("extend_lock", "Let a lock last longer."),
)


def offered(acts: bool) -> Mapping[str, Tool]:
    return {tool.name: tool for tool in (*LOOKS, *(ACTING if acts else ()))}
