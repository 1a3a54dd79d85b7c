"""The one JSON format, for both hosts and the command line: models in, JSON-ready dicts out.

Offers `View` (what is written for whom) and a function for each document: `snapshot_json`, `summary_json`,
`health_json`, `page_json`, `search_json`, `detail_json`, `explanation_json`, `warning_json`, `mended_json`,
`outcomes_json`, `audit_json`, `bulk_json`, `saved_view_json`, `own_job_json`. May import `diagnosis` and what is below
it; the formats of the subjects are their own `wire` modules.
"""

from .bench import health_json, snapshot_json, surveyed_json
from .bulks import bulk_json
from .explanations import explanation_json
from .jobs import detail_json, failure_json, job_json, page_json, search_json
from .outcomes import audit_json, mended_json, outcomes_json
from .own_jobs import own_job_json
from .saved_views import saved_view_json
from .summary import summary_json
from .values import Json, time
from .view import View
from .warnings import silence_json, warning_json

__all__ = [
    "Json",
    "View",
    "audit_json",
    "bulk_json",
    "detail_json",
    "explanation_json",
    "failure_json",
    "health_json",
    "job_json",
    "mended_json",
    "outcomes_json",
    "own_job_json",
    "page_json",
    "saved_view_json",
    "search_json",
    "silence_json",
    "snapshot_json",
    "summary_json",
    "surveyed_json",
    "time",
    "warning_json",
]
