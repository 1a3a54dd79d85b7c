"""The engine's documents as text for people: one function a document, lines out, nothing printed.

Offers those functions, `Paint` and the words for values. Imports `terminal` only.
"""

from .bench import snapshot
from .bulks import bulk, bulk_progress, bulks
from .failures import canary, failures
from .fleet import fleet
from .history import history
from .jobs import explanation, job, jobs, rows, search_summary, waiting, where
from .layout import VERDICT, Document, Paint, clean, table
from .log import log
from .outcomes import audit, mended, results
from .past import past
from .report import report
from .saved_views import views
from .values import age, moment, plural
from .warnings import release_command, silenced, warnings
from .what_if import what_if

__all__ = [
    "VERDICT",
    "Document",
    "Paint",
    "age",
    "audit",
    "bulk",
    "bulk_progress",
    "bulks",
    "canary",
    "clean",
    "explanation",
    "failures",
    "fleet",
    "history",
    "job",
    "jobs",
    "log",
    "mended",
    "moment",
    "past",
    "plural",
    "release_command",
    "report",
    "results",
    "rows",
    "search_summary",
    "silenced",
    "snapshot",
    "table",
    "views",
    "waiting",
    "warnings",
    "what_if",
    "where",
]
