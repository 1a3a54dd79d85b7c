"""What is kept of statistics, failures and the audit trail."""

from __future__ import annotations

#: (period, seconds, kept for, most methods; further ones are counted together). Hours are kept for so long only until
#: a sweep has put them away (`archive`).
STATISTICS = (
    ("minute", 60, 25 * 3600, 100),
    ("hour", 3600, 4 * 86_400, 200),
    ("day", 86_400, 8 * 86_400, 500),
)
#: The same of each site by itself, and how many sites are counted each by itself.
OF_SITES = (("minute", 60, 25 * 3600, 50), ("hour", 3600, 4 * 86_400, 100))
SITES = 500
#: An exception's name, among the counters.
KIND_CHARS = 60
#: Hours that may still change: a process whose clock is wrong, or a job that ended just now.
RECENT_HOURS = 3
#: Hours that a sweep looks for, where no sweep has put them away in time.
HOURS_BACK = 72
#: What is put away: hours for a month and a day, days for 13 months.
HOURS_KEPT_S = 32 * 86_400
DAYS_KEPT_S = 400 * 86_400
#: Methods that an hour or a day put away has by themselves, those that took the workers' time; the rest together.
METHODS_PUT_AWAY = 100
#: Depth, longest wait and busy workers of a bench, by the minute.
GAUGES_TTL_S = 25 * 3600
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
#: Marks in charts: of a bench (deploys are rare), of its workers (which come and go), of each site; the newest stay.
MARKS, MARKS_OF_WORKERS, MARKS_OF_SITE = 2_000, 1_000, 500
MARKS_KEPT_S = 400 * 86_400
#: An answer has no more, those that tell most.
MARKS_TOLD = 200
#: Names in one mark; of more it is told how many.
MARK_NAMES = 6
#: How long before an incident a change is a likely cause.
MARK_BEFORE_S = 15 * 60.0
#: Workers are compared this often: what started within is one mark.
MARK_WORKERS_S = 60.0
#: What is called unusual: the last half hour, compared with the same hours of four weeks and of seven days. A past of
#: fewer hours is none, and an hour with fewer runs of a method says nothing of it.
LATELY_S = 1_800
PAST_WEEKS, PAST_DAYS = 4, 7
PAST_HOURS = 6
PAST_RUNS = 5
#: A method with fewer runs in the last half hour is not compared.
LATELY_RUNS = 20
LATELY_FAILED = 5
#: How a schedule's runs usually end is told by so many days.
SCHEDULE_DAYS = 28
#: Slower: by so many times, by so many deviations, and so many seconds of the workers' time were lost by it.
SLOWER_TIMES = 2.0
SIGMAS = 5.0
SLOWER_S = 60.0
#: Failing more: by so many times, and chance would do it as seldom as that.
FAILS_TIMES = 2.0
FAILS_CHANCE = 1e-6
#: Filling: so many samples (one a minute), the depth is still so near its highest, has grown by so many jobs, and is
#: so many times the usual one.
FILLING_SAMPLES = 15
FILLING_SHARE = 0.9
FILLING_JOBS = 30
FILLING_TIMES = 2.0
