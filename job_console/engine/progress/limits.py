"""How often a job reports, and when it hands over."""

from __future__ import annotations

REASON_CHARS = 500
#: A job reports at most this often, however tight its loop: often enough to look smooth, cheap for Redis.
PROGRESS_EVERY_S = 0.5
#: When Redis did not answer, the job sends no report for so long.
PROGRESS_BACKOFF_S = 30.0
#: Kept as long as the record of a failed job: where it was when it was killed.
PROGRESS_TTL_S = 7 * 86_400.0
#: After a success: as long as RQ keeps the record.
PROGRESS_DONE_TTL_S = 600.0
#: Its speed is that of the last minute.
PROGRESS_RATE_S = 60.0
#: A job that reports twice a second, and then nothing for so long, is busy with one item, or stuck.
PROGRESS_SILENT_S = 30.0
#: A request that the job has not read within a day is dropped.
ASKED_TTL_S = 86_400.0
#: The several starts that RQ notes of one run lie closer together than this, also on a busy host.
SAME_RUN_S = 10.0
#: Parked among the scheduled jobs, so far ahead that nobody will wait for it.
PARKED_S = 10 * 365 * 86_400.0
#: The rest is handed over when this share of the timeout is left, but not earlier than so long before ...
HAND_OVER_SHARE = 0.1
HAND_OVER_MARGIN_S = 30.0
#: ... and when so many chunks as the longest one so far would not fit.
HAND_OVER_CHUNKS = 1.5
#: A chunk is committed after so many items, or so long: what a kill costs, and how soon a pause takes effect.
CHUNK_ITEMS = 100
CHUNK_S = 5.0
#: SQLite allows one writer, and others give up waiting after 5 to 15 s: a chunk holds the write lock no longer ...
SQLITE_CHUNK_S = 1.0
#: ... and then lets others write, who try again every 0.1 s.
SQLITE_GAP_S = 0.25
#: Failed items that one run records; a run with more has a common cause, and stops.
FAILED_ITEMS = 1_000
#: Different reasons that are counted; further ones are counted together.
REASONS = 20
#: Of these, reported while it runs.
REASONS_REPORTED = 3
#: The parent of a forked horse kills it 60 s after its timeout; roll-back and clean-up want some of them.
EXTEND_FORKED_S = 45.0
