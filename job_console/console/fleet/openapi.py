"""The calls of a fleet as OpenAPI 3.1, at its /openapi.json. Each bench has a description of its own calls:
/b/NAME/openapi.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from job_console import __version__

from ..openapi import ERRORS, reference, response
from ..openapi.answers import SCHEMAS
from ..openapi.notation import Type, record
from .fleet import VERDICTS

Json = dict[str, Any]
_ABOUT = "The benches of one operator console. docs/fleet.md says in words what these calls do."
#: Answered to everybody.
PROBES = ("/healthz", "/readyz")
_MISSING = {"missing": "[MissingBench]", "asked": "whole"}

_SCHEMAS: Mapping[str, Mapping[str, Type]] = {
    "Error": {"error": {"type": "text", "message": "text"}},
    "Fleet": {"at": "time", "benches": "[BenchRow]"},
    "BenchRow": {
        **dict.fromkeys(("name", "may", "server"), "text"),
        "labels": "object",
        "looked_at": "time?",
        "took_s": "number?",
        "unreachable": "Unreachable?",
        "verdict": "text?",
        "telling": "flag",
        "reasons": "[text]",
        "silenced": "whole",
        "warnings": dict.fromkeys(("critical", "warning", "info"), "whole"),
        "worst": "WorstWarning?",
        **dict.fromkeys(("waiting", "running", "failed"), "whole?"),
        "oldest": "OldestWait?",
        "workers": "WorkerCounts?",
        "scheduler": "Schedulers?",
        "suspended": "flag",
        "paused": "[text]",
    },
    "Unreachable": {"message": "text", "since": "time", "every_s": "number"},
    "WorstWarning": {**dict.fromkeys(("id", "code", "severity", "message"), "text"), "since": "time?"},
    "OldestWait": {"lane": "text", "wait_s": "number", "at_least": "flag"},
    "WorkerCounts": {"busy": "whole", "idle": "whole"},
    "Schedulers": {"sites": "whole", "down": "whole", "ticked_at": "time?"},
    "MissingBench": {"bench": "text", "why": "text"},
    "FoundJobs": {"job_id": "text", "found": "[FoundJob]", **_MISSING},
    "FoundJob": {"bench": "text", "job": "Job"},
    "FleetFailures": {
        **dict.fromkeys(("failed", "total"), "whole"),
        "groups": "[FleetGroup]",
        "at_least": "flag",
        **_MISSING,
    },
    "FleetGroup": {
        **dict.fromkeys(("group", "method", "type", "message"), "text"),
        "frame": "text?",
        "count": "whole",
        **dict.fromkeys(("first_at", "last_at"), "time?"),
        "benches": "[FailingBench]",
    },
    "FailingBench": {"bench": "text", "count": "whole", "last_at": "time?"},
    "FleetVerdict": {"at": "time", "verdict": "text", "benches": dict.fromkeys(VERDICTS, "whole")},
    "MachineStatus": SCHEMAS["MachineStatus"],
}

#: By call: what it answers, its arguments with the values that they may have.
_CALLS: Mapping[str, tuple[str, Mapping[str, Json]]] = {
    "fleet": ("Fleet", {}),
    "find_job": ("FoundJobs", {"job_id": {"type": "string"}}),
    "fleet_failures": ("FleetFailures", {"order": {"enum": ["count", "last"]}, "method": {"type": "string"}}),
}


@cache
def describe() -> Json:
    used = _reached(_SCHEMAS)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Job Console: a fleet", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "."}],
        "paths": {**{f"/api/{name}": {"get": _call(name)} for name in _CALLS}, **_machines()},
        "components": {
            "schemas": {name: record(fields) for name, fields in used.items()},
            "responses": {code: response(text, reference("Error")) for code, text in ERRORS.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}, {}],
    }


def _reached(own: Mapping[str, Mapping[str, Type]]) -> Mapping[str, Mapping[str, Type]]:
    """With those of a job, which are of one bench's description."""
    found = {**own, "Job": SCHEMAS["Job"]}
    while True:
        named = {name for fields in found.values() for name in SCHEMAS if f"{name}" in _names(fields)}
        more = {name: SCHEMAS[name] for name in named - found.keys()}
        if not more:
            return found
        found = {**found, **more}


def _names(of: Type) -> set[str]:
    if isinstance(of, str):
        return {part.strip("[]? ") for part in of.split("|")}
    return {name for each in of.values() for name in _names(each)}


def _call(name: str) -> Json:
    answer, takes = _CALLS[name]
    parameters = [
        {"name": argument, "in": "query", "required": argument == "job_id", "schema": kind}
        for argument, kind in takes.items()
    ]
    errors = {code: {"$ref": f"#/components/responses/{code}"} for code in ("400", "401", "403", "404")}
    return {
        "operationId": name,
        "parameters": parameters,
        "responses": {"200": response("The answer.", reference(answer)), **errors},
    }


def _machines() -> Json:
    well = {"200": response("It is.", reference("MachineStatus"))}
    fail_on = {"name": "fail_on", "in": "query", "schema": {"enum": ["critical", "warning"]}}
    verdict = reference("FleetVerdict")
    answers = {"200": response("The verdict.", verdict), "503": response("It is so severe.", verdict)}
    probes = {path: {"get": {"operationId": path[1:], "security": [], "responses": well}} for path in PROBES}
    return {
        **probes,
        "/status": {"get": {"operationId": "status", "parameters": [fail_on], "responses": answers}},
    }
