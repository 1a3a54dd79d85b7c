"""Pages, searches and actions on jobs."""

from __future__ import annotations

#: Finding a deep page of one site's jobs means walking over the ids before it: a million of them in about a second.
SITE_PAGE_S = 2.0
DEPTH = 6
#: Arguments made fit to be shown, remembered per set of secret names: some screens full.
SHOWN_CACHE = 1_000
#: Names of arguments remembered per set of secret names: a bench uses some hundreds.
NAMES_CACHE = 2_000
#: Ended jobs that a page puts in the order of their ends: 5,000 take some 50 ms. Frappe keeps 1,000 failures a lane.
SORTED_ROWS = 5_000
#: Different lists of sensitive arguments whose redaction is remembered.
HIDING_CACHE = 64
#: Such commands sent in one round trip, where somebody waits for a deep page.
LIST_CHUNKS = 5
SEARCH_CHUNK = 500
#: Payloads that one command reads: a millisecond of the server's time, of usual ones.
SEARCH_READ = 100
#: Values of one job's arguments that a search looks at.
SEARCHED_VALUES = 10_000
SEARCH_SLICE_S = 0.25
SEARCH_SLICE_HITS = 100
#: One request acts on at most this many jobs: each is a script call, all together stay under a few seconds.
BULK_JOBS = 1_000
#: Queues of ghosts that are acted on are gone through for at most so long: a million jobs take about a second.
DEEP_QUEUES_S = 5.0
#: How long `stop` waits to see what really happened (a worker reads its command channel at once).
STOP_WAIT_S = 5.0
#: How long each rung of a gentle stop may take: an item of a loop, a roll-back, a worker's clean-up.
RUNG_WAIT_S = 4.0
#: A gentle stop asks hosts one job after the other, while somebody waits for the answer.
GENTLE_JOBS = 5
#: A query is written by people, and stands in an address.
QUERY_CHARS = 1_000
QUERY_TERMS = 50
#: Names that are offered behind a field.
OFFERED = 30
#: Jobs that are put in an order which Redis does not keep: by a time of their records, by what their payloads say.
SORTED_BY_NAME = 1_000
#: Places of a list that are looked at together, on the way to a time: of a million in three steps.
JUMP_PLACES = 100
#: Waiting jobs that are read to say of what the others are: a tenth of all is known to some 4 %.
COMPOSITION_SAMPLE = 400
#: Of a lane that is a small part of all.
COMPOSITION_LEAST = 10
COMPOSITION_ROWS = 8
#: A bulk action takes at most so many: each job has its entry in the audit trail, which holds as many.
BULK_MATCHED = 10_000
#: Jobs of one turn, and how long a request works at one before it says how far it is.
BULK_CHUNK = 100
BULK_STEP_S = 1.0
#: Who works at one holds it for so long at most; then somebody else goes on.
BULK_LEASE_S = 30.0
#: One at which nobody has worked for so long is gone on with by whoever is alive.
BULK_LEFT_S = 10.0
BULK_KEPT_S = 86_400
BULKS_LISTED = 100
#: Different outcomes that are told apart.
BULK_KINDS = 20
#: Saved views of a person, and all that are kept of a site or of a whole bench: a menu, read at once.
VIEWS_OF_A_PERSON = 30
VIEWS = 300
VIEW_NAME_CHARS = 60
#: A job that is made in the page: how long it may run (a day, as Frappe's longest), how far ahead it may be put off,
#: how much its arguments may be (more cannot be shown again).
NEW_JOB_TIMEOUT_S = 86_400
NEW_JOB_AHEAD_S = 30 * 86_400
NEW_JOB_CHARS = 60_000

#: How long a job is shown to who started it: from when it was made, from when it failed, and from when it ended well
#: (RQ drops its record then).
OWN_MADE_S, OWN_FAILED_S, OWN_DONE_S = 7 * 86_400, 86_400, 600
#: Jobs that are remembered of one user, and of one document.
OWN_OF_PERSON, OWN_OF_DOCUMENT = 50, 20
#: Of so many of them that wait it is worked out when they start.
OWN_FORECASTS = 5
#: A user may ask so often in a minute: an open form with a job asks twelve times.
OWN_ASKED = 120
