"""Which of RQ's callbacks of a job failed, as RQ's own frames in its traceback tell.

RQ calls `on_success` when the work is done, and calls the job failed when that raises. `on_failure` is called while the
job's error is handled; when that raises too, what RQ writes down ends with it, behind the job's own error.
"""

from __future__ import annotations

import re

ON_SUCCESS, ON_FAILURE = "on_success", "on_failure"
_FRAME = re.compile(
    r'^  File "[^"\n]*[/\\]rq[/\\]job\.py", line \d+, in execute_(success|failure)_callback$', re.MULTILINE
)
_DURING = "During handling of the above exception, another exception occurred:"


def failed(traceback: str) -> str | None:
    """The callback that failed first; None: the job itself did."""
    found = _FRAME.search(traceback)
    return None if found is None else ON_SUCCESS if found[1] == "success" else ON_FAILURE


def before_on_failure(traceback: str) -> str:
    """The part that tells why `on_failure` was called; "" where that did not fail."""
    for found in _FRAME.finditer(traceback):
        if found[1] == "failure":
            return traceback[: found.start()].rpartition(_DURING)[0].rstrip()
    return ""
