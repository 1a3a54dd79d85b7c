"""How much is simulated, and below what nothing is said."""

from __future__ import annotations

from dataclasses import dataclass

#: Days that are looked back, and days of the week in them: each weekday four times.
DAYS_BACK = 28
#: Below this many runs of a queue, no percentile of its waiting is told: one run in a hundred is then two.
RUNS_TO_TELL = 200
#: And below so many it is not found out how they come: a percentile of them is too much of a chance.
RUNS_TO_FIT = 3000
#: Below this many recorded days nothing is said about 99 days of 100.
DAYS_TO_KEEP = 5
#: Days that are played where the jobs suffice: "99 of 100"; and how many at least before days are cut
#: short, for 99 of 100 of them.
DAYS_PLAYED, DAYS_AT_LEAST = 100, 20
KEPT_SHARE = 0.99
#: Workers that are added before the search gives up.
MOST_ADDED = 32
MOST_WORKERS = 500
#: How many come at once where nothing tells: not one by one, so that `fit` may find them to be more.
UNKNOWN_BURST = 1.25
#: And how much more than one where minutes tell that they come one by one: for each time that `fit` finds bursts to
#: be larger.
HIDDEN_BURST = 0.05
#: A burst is never taken to be larger on average.
LARGEST_BURST = 500.0
#: Between the end of a job and the worker's next look into its queues, as a share of the time from there to a job's
#: start: both are a horse's birth and end. Where the fit begins: what was recorded moves it.
AFTER_SHARE = 1.0
#: Where nothing is known of it.
START_S = 0.02
#: What a simulated percentile may be off from the observed one before a note says so.
MISFIT = 0.2
#: So many times as long, or as short, is another bench: nothing is told of the queue then.
UNLIKE = 3.0
#: Seconds of waiting that tell nothing about whether the play is like the bench.
SLIGHT_S = 1.0


@dataclass(frozen=True, slots=True)
class Budget:
    """How many jobs may be simulated in all; and in each of the plays that find out how jobs come (`fit`)."""

    jobs: int
    fit_jobs: int


#: About two seconds of processor time; the command line may take longer.
OF_A_REQUEST, OF_A_COMMAND = Budget(800_000, 10_000), Budget(8_000_000, 100_000)
