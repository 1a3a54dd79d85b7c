"""How often sweeps do what, and when an incident opens and ends."""

from __future__ import annotations

#: One snapshot serves every viewer of a process for this long.
SNAPSHOT_TTL_S = 1.0
#: How long it is kept up to when a site's failures were read; a site without a sweep for so long starts anew.
ALERTS_SEEN_TTL_S = 2 * 86_400
#: Looked at by one script call, a few microseconds each: in a sweep, and by a job that ends.
RETRIES_MOVED = 500
#: A failure that no hook has seen is judged within this time; a policy that is made later is for later failures.
FAILED_UNSEEN_S = 900.0
#: Failed jobs of a lane that one sweep looks at: the newest, and as many of the others in turn.
FAILED_UNSEEN_ROWS = 200
#: Of each time for which failures are kept, the newest: those of one time may all stand behind those of a longer one.
FAILED_UNSEEN_NEWEST = 50
SURVEY_SECONDS = 0.05
#: What a one-shot look goes through by itself: who waits for it has other things to do. `--deep` goes through all.
ONE_SHOT_RECORDS = 50_000
ONE_SHOT_S = 0.3
#: Of the jobs of a site that end, one sweeps this often: it costs that job a tenth of a second.
JOB_SWEEPS_S = 30.0
#: That it is still there is written down this often: a database write a minute, not one a sweep.
INCIDENT_TOUCH_S = 60.0
#: An incident ends when nothing was seen of it for so long. More than the time between two notes of its presence.
INCIDENT_CALM_S = 90.0
#: What comes back so soon after its end is the same incident, and nobody is notified twice.
INCIDENT_REOPEN_S = 600.0
#: Open incidents of a site at the same time; a bench with more causes has a common one that no detector knows.
INCIDENTS_OPEN = 100
#: The operator console keeps an ended one for so long, so many at most; and all of them while anybody sweeps.
INCIDENT_LOGGED_S = 86_400.0
INCIDENTS_LOGGED = 200
INCIDENT_LOG_TTL_S = 8 * 86_400
#: An acknowledgement holds until the warning ends, but not for ever: somebody must look once in a while.
SILENCE_S = 7 * 86_400.0
SNOOZE_S = 3_600.0
SILENCE_MAX_S = 30 * 86_400.0
#: At once, on a whole bench: each is read with every look.
SILENCES = 500
#: While somebody views a bench: how often it is asked whether anything has changed, a round trip of short commands.
FINGERPRINT_EVERY_S = 0.15
#: Locks whose leases are in a fingerprint: those that are in use for longest from now on.
FINGERPRINT_LOCKS = 20
#: Looks that changes may cause, for all viewers together; and how many of them may be saved up while nothing changes: a
#: job comes, starts and ends within a second, and three looks show it as it happens.
LOOKS_A_S = 1.0
LOOKS_SAVED = 4
#: A page that asks nothing for so long does not view any more. And how long a process that died keeps others from
#: notifying.
VIEWED_S = 20.0
NOTIFIER_LEASE_S = 2.0
#: Who looks for all others has answered within this, or somebody else looks.
LOOKING_S = 0.5
