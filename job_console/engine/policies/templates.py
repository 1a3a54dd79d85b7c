"""Key templates: `{customer}`, `{doc.name}`, `{*}` for all arguments, filled from those of a call.

Not Python's own formatting: that would let a template reach into whatever an argument is made of.
"""

from __future__ import annotations

import hashlib
import json
import re
import string
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .. import limits
from ..errors import BadRequest

if TYPE_CHECKING:
    from ..models import Call
    from .models import Policy

ALL = "*"
#: What a call has besides its arguments; an argument of the same name goes first.
ABOUT = ("site", "user", "method")
_FIELD = re.compile(r"\*|[A-Za-z]\w*(\.[A-Za-z]\w*)*")


@lru_cache(1024)
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    """(text, the field after it). Raises BadRequest."""
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise BadRequest(f"{template!r} is no template: {error}.") from None
    for _text, field, spec, conversion in parsed:
        if field is not None and (spec or conversion or not _FIELD.fullmatch(field)):
            raise BadRequest(
                f"{template!r} is no template: between braces stands the name of an argument, such as {{customer}} or "
                "{doc.name}, or * for all of them."
            )
    return tuple((text, field) for text, field, _spec, _conversion in parsed)


def names(template: str) -> tuple[str, ...]:
    """The arguments that a template names. Raises BadRequest when it is none."""
    fields = (field for _text, field in _parts(template) if field)
    return tuple(field.partition(".")[0] for field in fields if field != ALL)


def fill(template: str, arguments: Mapping[str, Any], **about: str) -> str:
    """The key of one call; what was not passed is empty. Raises BadRequest when it is no template."""
    filled = "".join(text + _value(field, arguments, about) for text, field in _parts(template))
    if len(filled) <= limits.POLICY_KEY_CHARS:
        return filled
    digest = _digest(filled)
    return filled[: limits.POLICY_KEY_CHARS - len(digest) - 1] + "-" + digest


def of_call(template: str, policy: Policy, call: Call) -> str:
    """The key of one job of this policy. Its sensitive arguments are told apart, but not told."""
    arguments = {
        name: _digest(_plain(value)) if name in policy.sensitive else value for name, value in call.arguments.items()
    }
    return fill(template, arguments, site=call.site or "", user=call.user or "", method=call.method)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _value(field: str | None, arguments: Mapping[str, Any], about: Mapping[str, str]) -> str:
    if field is None:
        return ""
    if field == ALL:
        return _digest(_json(dict(arguments)))
    first, *deeper = field.split(".")
    value = arguments.get(first, about.get(first))
    for name in deeper:
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    return _plain(value)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return _json(value) if isinstance(value, (Mapping, list, tuple, set, frozenset)) else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=_unordered, separators=(",", ":"))


def _unordered(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)
