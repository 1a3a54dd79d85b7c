"""The HTTP API of `serve` as OpenAPI 3.1, at /openapi.json: for clients that are typed, and tools that try it out.

Paths and arguments are those of `calls`; what answers look like stands in `answers`, of acting calls what they take in
`bodies`. tests/console/test_openapi.py compares it with what the server really says.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from job_console import __version__

from ..calls import ACTS, READS
from .answers import ANSWERS, SCHEMAS
from .bodies import BODIES
from .notation import record, schema

Json = dict[str, Any]
_ABOUT = "The calls of the operator console. docs/api.md says in words what they do, and what the fields mean."
ERRORS = {
    "400": "The words make no sense.",
    "401": "It wants its token.",
    "403": "Not for this caller.",
    "404": "No such job, lock, warning or group.",
    "503": "Redis cannot be reached.",
}


@cache
def describe() -> Json:
    paths = {f"/api/{name}": {"get": _read(name)} for name in READS}
    paths |= {f"/api/{name}": {"post": _act(name)} for name in ACTS}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Job Console", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "."}],
        "paths": {**paths, **_machines()},
        "components": {
            "schemas": {name: record(fields) for name, fields in SCHEMAS.items()},
            "responses": {code: response(text, reference("Error")) for code, text in ERRORS.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}, {}],
    }


def _read(name: str) -> Json:
    parameters = [
        {
            "name": argument,
            "in": "query",
            "required": argument in READS[name].needs,
            "schema": {"type": "integer" if kind is int else "string"},
        }
        for argument, kind in READS[name].takes.items()
    ]
    return {"operationId": name, "parameters": parameters, "responses": _responses(name)}


def _act(name: str) -> Json:
    content = {"application/json": {"schema": record(BODIES[name])}}
    return {"operationId": name, "requestBody": {"required": True, "content": content}, "responses": _responses(name)}


def _responses(name: str) -> Json:
    errors = {code: {"$ref": f"#/components/responses/{code}"} for code in ERRORS}
    return {"200": response("The answer.", schema(ANSWERS[name])), **errors}


def response(text: str, answer: Json) -> Json:
    return {"description": text, "content": {"application/json": {"schema": answer}}}


def reference(name: str) -> Json:
    """To a schema of the same description."""
    return {"$ref": f"#/components/schemas/{name}"}


def _machines() -> Json:
    status = reference("MachineStatus")
    probes = {
        path: {
            "get": {
                "operationId": path.strip("/"),
                "security": [],
                "responses": {"200": response("It is.", status), **more},
            }
        }
        for path, more in (("/healthz", {}), ("/readyz", {"503": response("It is not.", status)}))
    }
    health = reference("Health")
    fail_on = {"name": "fail_on", "in": "query", "schema": {"enum": ["critical", "warning"]}}
    verdict = {"200": response("The verdict.", health), "503": response("It is so severe, or not known.", {})}
    text = {"description": "Metrics.", "content": {"text/plain": {}, "application/openmetrics-text": {}}}
    return {
        **probes,
        "/status": {"get": {"operationId": "status", "parameters": [fail_on], "responses": verdict}},
        "/metrics": {"get": {"operationId": "metrics", "responses": {"200": text}}},
    }
