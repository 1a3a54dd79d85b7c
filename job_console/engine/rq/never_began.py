"""Whether a failure came before the work began, as its traceback tells: nothing of it was done then.

A worker looks for the method when it has taken the job: by its name (Frappe, RQ), or as it loads the payload, where the
method was enqueued as a function. Both fail after a deployment, when the code and what waits are of two versions. The
names of the frames tell, not the lines of code in them: those are read when it fails, and may be newer than what ran.
"""

from __future__ import annotations

import re

from ..models.jobs import Failure
from .records import parse_traceback

#: The method was not found; it does not take these arguments; its site is not there; the payload cannot be read.
METHOD, ARGUMENTS, SITE, PAYLOAD = "method", "arguments", "site", "payload"
_FRAME = re.compile(r'^  File "(?P<file>[^"\n]*)", line \d+, in (?P<name>\S+)$', re.MULTILINE)
_BEGIN = "Traceback (most recent call last):"
_CAUSE = "The above exception was the direct cause of the following exception:"
#: Where RQ and Frappe's wrapper call the method.
_CALLERS = (("rq/job.py", "_execute"), ("frappe/utils/background_jobs.py", "execute_job"))
_LOOKS_FOR = frozenset(
    {"func", "import_attribute", "get_attr", "get_module", "import_module", "_gcd_import", "<module>"}
    | {"_find_and_load", "_find_and_load_unlocked", "_load_unlocked", "exec_module", "_call_with_frames_removed"}
    | {"throw", "msgprint", "_raise_exception"}
)
_NOT_FOUND = frozenset({"ModuleNotFoundError", "ImportError", "AttributeError", "AppNotInstalledError", "SyntaxError"})
_DOES_NOT_FIT = re.compile(r"\(\) (?:got an unexpected keyword argument|missing \d+ required|takes \d)")
_NO_ATTRIBUTE = "Invalid attribute name: "


def why(error: Failure) -> str | None:
    """METHOD, ARGUMENTS, SITE or PAYLOAD; None: it began, or that is not known."""
    if error.callback is not None or not error.traceback:
        return None
    if error.type == "DeserializationError":
        return METHOD if (cause := loading(error)) is not None and cause.type in _NOT_FOUND else PAYLOAD
    frames = [(each["file"].replace("\\", "/"), each["name"]) for each in _FRAME.finditer(_last(error.traceback))]
    caller = max((place for place, frame in enumerate(frames) if _calls(frame)), default=None)
    if caller is None:
        return None
    below = {name for _file, name in frames[caller + 1 :]}
    if not below:
        return ARGUMENTS if error.type == "TypeError" and _DOES_NOT_FIT.search(error.message) else None
    if error.type == "IncorrectSitePath":
        return SITE
    looked = error.type in _NOT_FOUND or (error.type == "ValueError" and error.message.startswith(_NO_ATTRIBUTE))
    return METHOD if looked and below <= _LOOKS_FOR else None


def loading(error: Failure) -> Failure | None:
    """Why the payload could not be loaded: RQ's own error says nothing."""
    before, cause, _after = (error.traceback or "").rpartition(_CAUSE)
    return parse_traceback(before.rstrip()) if cause else None


def _calls(frame: tuple[str, str]) -> bool:
    return any(frame[0].endswith(file) and frame[1] == name for file, name in _CALLERS)


def _last(traceback: str) -> str:
    return traceback.rpartition(_BEGIN)[2]
