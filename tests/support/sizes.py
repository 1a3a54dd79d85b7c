"""How large the storms of this run are: small every day, whole in `bin/test --long` (nightly, before a release)."""

from __future__ import annotations

import os

#: Set by `bin/test --long`.
LONG = os.environ.get("JOB_CONSOLE_LONG") == "1"


def sized(everyday: int, long: int) -> int:
    """How many jobs, kills or random examples this run takes."""
    return long if LONG else everyday
