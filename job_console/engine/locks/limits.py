"""Leases, queues and what is remembered of locks."""

from __future__ import annotations

#: A shorter lease could end before a loaded machine renews it; a longer one blocks others when its host dies.
LOCK_TTL_MIN_S = 0.1
LOCK_TTL_MAX_S = 86_400.0
#: Renewals within a lease: two of them may fail without losing the lock.
LOCK_RENEWALS = 3
#: A waiter asks again at least this often, since some events wake nobody: the server lost its data, or the next waiter
#: died while the lock was handed over to it. Below the connection's own timeout (`link.ANSWER_TIMEOUT_S`).
LOCK_NAP_S = 4.0
#: A waiter that asks later than this after its nap counts as dead: a loaded machine is late.
LOCK_GRACE_S = 2.0
#: Who has stood in line for less is taken for alive, and gets its whole lease with the wake-up; who has slept longer
#: has `LOCK_HANDOVER_S` to answer, so that a waiter that died holds up the others for no longer than that.
LOCK_TRUSTED_S = 1.0
LOCK_HANDOVER_S = 3.0
#: What is remembered of a lock: its last leases; all of it for a day after its last use, but for an hour when it was
#: used less often than this (there may be one for each customer); and of so many locks the names.
LOCK_PAST = 10
LOCK_REGULAR = 10
LOCK_NAMES = 10_000
#: A lock is listed as in use for longer than its lease by this: when it is taken again soon, or given back, it need not
#: be written there again. Who reads the list sees for himself, and looks at so many names at most (a microsecond each).
LOCK_AHEAD_S = 10.0
LOCK_LISTED_S = 70.0
LOCK_LOOKS = 2_000
LOCK_NAME_CHARS = 200
LOCK_TEXT_CHARS = 140  # of each text in a holder's record
LOCK_SLOTS_MAX = 1_000
#: What one look reads: locks, and holders and waiters of each.
LOCK_ROWS = 200
LOCK_PEOPLE = 50
