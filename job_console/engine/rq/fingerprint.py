"""What makes two failures the same: the method, the exception, where in the app's code it was, and what it says,
without the numbers and names that differ from job to job. Pure.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ..models.jobs import Call, Failure
from . import frames, limits
from .records import KILLS

#: Stands for what was taken out.
GAP = "…"
#: A quoted text with a digit in it is an id; so is a word with one, with its dots, dashes and slashes: a number, a
#: time, an address in memory, a UUID, a document's name. And long hexadecimal words, absolute paths, mail addresses.
_VARYING = re.compile(
    r"""
      (?P<quote>["'`])(?=[^"'`\n]*\d)[^"'`\n]{1,200}(?P=quote)
    | \b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)*
    | (?:(?<=\s)|(?<=["'(=:])|^)(?:~|[A-Za-z]:)?(?:[/\\][\w.@%+~-]*\w){2,}
    | (?<![\w.@+/|-])[\w.@+/|-]*\d(?:[\w.@+/|:,-]*\w)?
    | \b[0-9a-fA-F]{8,}\b
    """,
    re.VERBOSE,
)
_ROW_OF_GAPS = re.compile(rf"{GAP}(?:[\s,;|]*{GAP})+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    key: str
    method: str
    type: str
    #: Where in the app's own code; "" where there is no traceback.
    frame: str
    #: With gaps.
    message: str


def of(call: Call, failure: Failure) -> Fingerprint:
    found = frames.innermost(failure.traceback) if failure.traceback else None
    frame = found.name[: limits.FRAME_CHARS] if found else ""
    # RQ's own words of a process that was killed hold the signal: that is no number that differs from job to job.
    message = failure.message if failure.type in KILLS else template(failure.message)
    parts = (call.method, failure.type, frame, message[: limits.KIND_CHARS])
    return Fingerprint(hashlib.sha1("\n".join(parts).encode(), usedforsecurity=False).hexdigest()[:16], *parts)


def template(message: str) -> str:
    """A message with gaps where it would differ from job to job; a row of gaps is one. Of a long one the beginning."""
    plain = _VARYING.sub(GAP, message[: limits.MESSAGE_CHARS])
    return _ROW_OF_GAPS.sub(GAP, plain).strip()
