"""What a policy may say, and how long its keys live."""

from __future__ import annotations

#: Below this, 80 % of the timeout is a blink.
TIMEOUT_NEAR_MIN_S = 60.0
#: A process that enqueues a thousand jobs a second asks this often whether the policies have changed.
POLICIES_TTL_S = 2.0
#: From the claim of a unique key to the job's record is one `frappe.enqueue`. Who died there is waited for no longer.
CLAIM_GRACE_S = 10.0
#: A key that nobody asks for is forgotten so long after its job was enqueued or has failed: as what is remembered of
#: its attempts (`TRIES_TTL_S`), because a job that waits for the next one has it still.
UNIQUE_TTL_S = 15 * 86_400
#: When the key is the job's own id, the job's record says who has it from the moment at which it is there.
UNIQUE_ID_TTL_S = 3600
REFUSED_NOTES = 5_000
REFUSED_TTL_S = 86_400
POLICY_ATTEMPTS = 50
#: What is put off for longer than this has been forgotten by everybody.
POLICY_DELAY_S = 7 * 86_400.0
#: A longer key is cut and ends in its digest: names of locks are no longer (`LOCK_NAME_CHARS`, less the site's).
POLICY_KEY_CHARS = 120
#: Lists up to this length are asked directly (LPOS, about a millisecond); longer ones are read in chunks.
LPOS_DEPTH = 20_000
#: A worker starts what it took within this; what then still stands nowhere is a ghost.
GHOST_WAIT_S = 2.0
#: A form says what would have changed for so many methods of a pattern, those that ran most.
TRIED_METHODS = 50
#: Of the jobs that wait, a form looks at so many of the first.
TRIED_WAITING = 100
