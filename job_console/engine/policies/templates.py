"""Key templates: `{customer}`, `{doc.name}`, `{*}` for all arguments, filled from those of a call.

Not Python's own formatting: that would let a template reach into whatever an argument is made of.
"""

from __future__ import annotations

import hashlib
import json
import re
import string
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..errors import BadRequest
from ..messages import _
from . import limits

if TYPE_CHECKING:
    from ..models.jobs import Call
    from ..models.policies import Policy

ALL = "*"
#: What a call has besides its arguments; an argument of the same name goes first.
ABOUT = ("site", "user", "method")
#: And a method of a document.
OF_DOCUMENT = ("doctype", "name")
_FIELD = re.compile(r"\*|[A-Za-z]\w*(\.[A-Za-z]\w*)*")


@lru_cache(1024)
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    """(text, the field after it). Raises BadRequest."""
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise BadRequest(
            _("{template!r} is no template: {error}.").format(template=template, error=str(error))
        ) from None
    for _text, field, spec, conversion in parsed:
        if field is not None and (spec or conversion or not _FIELD.fullmatch(field)):
            raise BadRequest(
                _(
                    "{template!r} is no template: between braces stands the name of an argument, such as {{customer}} "
                    "or {{doc.name}}, or * for all of them."
                ).format(template=template)
            )
    return tuple((text, field) for text, field, _spec, _conversion in parsed)


def names(template: str) -> tuple[str, ...]:
    """The arguments that a template names. Raises BadRequest when it is none."""
    fields = (field for _text, field in _parts(template) if field)
    return tuple(field.partition(".")[0] for field in fields if field != ALL)


def fill(template: str, arguments: Mapping[str, Any], sensitive: Collection[str] = (), **about: str) -> str:
    """The key of one call; what was not passed is empty. Raises BadRequest when it is no template."""
    filled = "".join(text + _value(field, arguments, sensitive, about) for text, field in _parts(template))
    if len(filled) <= limits.POLICY_KEY_CHARS:
        return filled
    digest = _digest(filled)
    return filled[: limits.POLICY_KEY_CHARS - len(digest) - 1] + "-" + digest


def of_call(template: str, policy: Policy, call: Call) -> str:
    """The key of one job of this policy. Its sensitive arguments make keys differ, but cannot be read from them."""
    about = {"site": call.site or "", "user": call.user or "", "method": call.method}
    about.update(zip(OF_DOCUMENT, call.document or (), strict=False))
    return fill(template, call.arguments, policy.sensitive, **about)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _value(
    field: str | None, arguments: Mapping[str, Any], sensitive: Collection[str], about: Mapping[str, str]
) -> str:
    if field is None:
        return ""
    if field == ALL:
        shown = {name: _digest(_plain(value)) if name in sensitive else value for name, value in arguments.items()}
        return _digest(_json(shown))
    first, *deeper = field.split(".")
    value = arguments.get(first, about.get(first))
    for name in deeper:
        if isinstance(value, str):  # a name instead of its document, or what is hidden
            break
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    return _digest(_plain(value)) if first in sensitive and first in arguments else _plain(value)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return _json(value) if isinstance(value, (Mapping, list, tuple, set, frozenset)) else str(value)


def _json(value: Any) -> str:
    """JSON where keys are text. Other keys say of which type they are, so that different dicts have different texts."""
    if isinstance(value, Mapping):
        entries = sorted(value.items(), key=lambda entry: (type(entry[0]).__name__, str(entry[0])))
        return "{" + ",".join(f"{_key(key)}:{_json(each)}" for key, each in entries) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_json, value)) + "]"
    if isinstance(value, (set, frozenset)):
        return "[" + ",".join(sorted(map(_json, value))) + "]"
    return json.dumps(value, default=str)


def _key(key: Any) -> str:
    return _json(key) if isinstance(key, str) else f"{type(key).__name__} {_json(key)}"
