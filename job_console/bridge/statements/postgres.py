"""What PostgreSQL says of a connection's statement, and of who holds the lock that it waits for.

It shows a role the statements of its own connections, and a site's jobs connect as the site's role. Who blocks whom,
everybody may know; since when another role's transaction is open, only with `pg_read_all_stats`.
"""

from typing import Any

import frappe

_STATEMENT = """
select pid, extract(epoch from clock_timestamp() - query_start), wait_event_type || ': ' || wait_event, query
from pg_stat_activity
where client_port = %s and datname = current_database() and usename = current_user and state = 'active'
"""
#: The oldest transaction: those that wait in the same line may stand before this one, too.
_HOLDER = """
select pid, extract(epoch from clock_timestamp() - xact_start)
from pg_stat_activity
where pid = any(pg_blocking_pids(%s)) order by xact_start limit 1
"""


def running(port: int) -> dict[str, Any] | None:
    """`{"text", "for_s", "state", "blocked_by"}` of the statement of the connection that comes from this port. None:
    there is none, or it could be another host's.
    """
    savepoint = "job_console_statement"
    frappe.db.savepoint(savepoint)
    try:
        # Within a transaction these tables stay as they were first read.
        frappe.db.sql("select pg_stat_clear_snapshot()")
        rows = frappe.db.sql(_STATEMENT, (port,))
        if len(rows) != 1:
            return None
        connection, seconds, state, text = rows[0]
        return {"text": text, "for_s": _seconds(seconds), "state": state, "blocked_by": _blocked_by(connection)}
    except (frappe.db.OperationalError, frappe.db.ProgrammingError, frappe.db.InternalError):
        # Else whatever this transaction does next would fail.
        frappe.db.rollback(save_point=savepoint)
        return None


def _blocked_by(connection: int) -> dict[str, Any] | None:
    rows = frappe.db.sql(_HOLDER, (connection,))
    return {"connection": rows[0][0], "for_s": _seconds(rows[0][1])} if rows else None


def _seconds(given: Any) -> float | None:
    """None: this role may not know."""
    return None if given is None else round(float(given), 1)
