"""What is kept of statistics, failures and the audit trail."""

from __future__ import annotations

#: (period, seconds, kept for, most methods; further ones are counted together). Worst case about 60 MB in all, when
#: that many different methods run in every minute of a day; a usual bench needs a tenth.
STATISTICS = (
    ("minute", 60, 25 * 3600, 100),
    ("hour", 3600, 32 * 86_400, 200),
    ("day", 86_400, 8 * 86_400, 500),
)
#: Days of history from which `Usual` is read.
USUAL_DAYS = 7
METHOD_CHARS = 140
#: Methods of one site in one hour, for the last day: a policy is tried on them.
RAN_METHODS = 500
RAN_TTL_S = 25 * 3600
#: Counters of one site in one hour, besides: what policies could not be obeyed, what was enqueued before its commit.
HOURLY_FIELDS = 1_000
FAILURES_METHODS = 500
FAILURES_EACH = 20
