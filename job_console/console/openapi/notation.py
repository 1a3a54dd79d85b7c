"""Types of fields in short, as JSON Schema.

`text`, `number`, `whole`, `flag`, `time`, `any`, `object` (of any fields); `Name`: a schema of `answers`; `[type]`: a
list of such; `type?`: or null; `{name: type}`: an object of these fields; `one | other`: either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Type = str | Mapping[str, Any]
_SIMPLE: Mapping[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "whole": {"type": "integer"},
    "flag": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "object": {"type": "object"},
    "any": {},
}


def schema(of: Type) -> dict[str, Any]:
    if not isinstance(of, str):
        return record(of)
    if of.startswith("[") and of.endswith("]"):
        return {"type": "array", "items": schema(of[1:-1])}
    if " | " in of:
        return {"anyOf": [schema(each) for each in of.split(" | ")]}
    if of.endswith("?"):
        return _or_null(schema(of[:-1]))
    return dict(_SIMPLE[of]) if of in _SIMPLE else {"$ref": f"#/components/schemas/{of}"}


def record(fields: Mapping[str, Type]) -> dict[str, Any]:
    """An object of these fields, all of them there but those whose names end in `?`. A later version may have more."""
    properties = {name.rstrip("?"): schema(kind) for name, kind in fields.items()}
    required = [name for name in fields if not name.endswith("?")]
    return {"type": "object", "properties": properties, "required": required}


def _or_null(kind: dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind.get("type"), str):
        return {**kind, "type": [kind["type"], "null"]}
    return {"anyOf": [kind, {"type": "null"}]}
