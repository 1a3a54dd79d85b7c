"""Schedules: how fresh, how many, how far ahead."""

from __future__ import annotations

#: What sweeps have seen is forgotten when none came by for so long: two of Frappe's ticks and a margin.
PROOF_FORGET_S = 600.0
#: Two ticks may be missed by a restart. The schedule's own grace is this many ticks and a minute.
MISSED_TICKS = 2
#: A site's schedule is read from its database at most this often, whoever looks.
SCHEDULE_EVERY_S = 5.0
#: Shown, as old, while the database is down for a day.
SCHEDULE_TTL_S = 86_400
#: Runs remembered of each schedule, of so many of a site, for longer than a month (some run monthly): 1.3 MB at worst.
SCHEDULE_RUNS = 60
SCHEDULE_RUNS_OF = 1_000
SCHEDULE_RUNS_TTL_S = 40 * 86_400
#: Runs of one schedule at the same time, where its policy allows it. Frappe lets one at a time run.
SCHEDULE_RUNS_AT_ONCE = 4
#: Missed runs that are made up for, one at a tick: a day's of what runs by the hour. Forgotten after a week.
CATCH_UP_RUNS = 24
OWED_TTL_S = 7 * 86_400
#: A scheduler that ticked within so many ticks is at work: one that was restarted is not taken for two.
TICKING_TICKS = 1.5
#: A date that lies ahead by less is that of a host whose clock differs.
FUTURE_S = 120.0
#: A scheduler's process that is restarted is there again within this, also on a loaded host: it loads Frappe.
SCHEDULER_GONE_S = 25.0
#: A supervisor starts another one within this; then that is seen, though it does not hold the lock yet.
SCHEDULER_ALONE_S = 2.0
#: That it is gone was true when somebody looked last; longer ago than this it may have been started again.
SCHEDULER_SEEN_S = 20.0
#: Frappe's own tick, which keeps to the clock.
FRAPPE_TICK_S = 240.0
MISSED_SPAN_S = 31 * 86_400.0
#: Runs of the next day that are worked out: a second's work. 500 schedules at every tick are 180,000.
FORESEEN_RUNS = 200_000
#: What nobody has seen run yet is taken for short.
UNKNOWN_RUN_S = 1.0
#: Of each entry the page tells so many next runs, of an expression that is being edited so many.
NEXT_RUNS = 3
PREVIEW_RUNS = 10
#: Runs shorter than this that follow each other within so long are one block of the timeline, which says how full it
#: is: a minute is less than a pixel.
BLOCK_RUN_S = 120.0
BLOCK_GAP_S = 600.0
#: Who waits no longer for a worker than this is nobody's trouble.
RUSH_WAIT_S = 60.0
#: Frappe's field for a cron expression holds as many characters.
CRON_CHARS = 140
CRON_CACHE = 10_000
#: A duty is done this often, whoever sweeps: two sweeps prove what needs proof.
SWEEP_EVERY_S = 5.0
