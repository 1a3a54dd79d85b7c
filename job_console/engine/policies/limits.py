"""What a policy may say, and how long its keys live."""

from __future__ import annotations

#: A shorter timeout gives no warning: the last 20 % of it would be over before anybody could act.
TIMEOUT_NEAR_MIN_S = 60.0
#: A process that enqueues a thousand jobs a second asks this often whether the policies have changed.
POLICIES_TTL_S = 2.0
#: The time between the claim of a unique key and the job's record, one `frappe.enqueue`. A process that takes longer
#: counts as dead, and loses the key.
CLAIM_GRACE_S = 10.0
#: A key expires so long after its job was enqueued or has failed. As long as the attempts (`TRIES_TTL_S`), because a
#: job that waits for its next attempt still has the key.
UNIQUE_TTL_S = 15 * 86_400
#: When the key is the job's own id: once the job's record exists, it replaces the key.
UNIQUE_ID_TTL_S = 3600
REFUSED_NOTES = 5_000
REFUSED_TTL_S = 86_400
POLICY_ATTEMPTS = 50
#: The longest delay before an attempt.
POLICY_DELAY_S = 7 * 86_400.0
#: A longer key is cut and ends in its digest: names of locks are no longer (`LOCK_NAME_CHARS`, less the site's).
POLICY_KEY_CHARS = 120
#: Lists up to this length are asked directly (LPOS, about a millisecond); longer ones are read in chunks.
LPOS_DEPTH = 20_000
#: A worker starts a job within this after taking it; a job that is then still in no queue is a ghost.
GHOST_WAIT_S = 2.0
#: A form says what would have changed for so many methods of a pattern, those that ran most.
TRIED_METHODS = 50
#: Of the jobs that wait, a form looks at so many of the first.
TRIED_WAITING = 100
