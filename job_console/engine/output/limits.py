"""How much of what a job prints is kept."""

from __future__ import annotations

#: Of each job the last so many bytes: some two hundred lines.
KEPT_BYTES = 16 * 1024
#: What is logged or printed at once is an entry: of a longer one its beginning and its end are kept. So is what is
#: printed piece by piece, up to the end of its line; what is longer goes on in another one.
ENTRY_CHARS = 2_000
#: A line that is drawn anew and anew, as a progress bar is, is kept so often, and as it is in the end.
BAR_EVERY_S = 5.0
#: The reader of a host looks so often for what is new.
EVERY_S = 1.0
#: What a killed run has left in memory, and no reader has found, the next one removes after so long.
LEFT_S = 600.0
#: As long as the record of a failed job: what it said before it was killed ...
TTL_S = 7 * 86_400
#: ... and after a success as long as RQ keeps the result.
DONE_TTL_S = 600
#: So many jobs' logs at once, 32 MB at most; those that would end first go first.
JOBS = 2_000
#: A logger's name, as far as it is kept.
NAME_CHARS = 100
