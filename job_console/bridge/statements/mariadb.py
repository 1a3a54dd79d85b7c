"""What MariaDB says of a connection's statement.

A site's jobs connect as the site's user, to the site's database: the statements of others are not shown, though a user
with the PROCESS privilege could read them. Whose row lock it waits for is in InnoDB's tables, which require that
privilege: it is shown where the site's user has it.
"""

from typing import Any

import frappe


def running(port: int) -> dict[str, Any] | None:
    """`{"text", "for_s", "state", "blocked_by"}` of the statement of the connection that comes from this port. None:
    there is none, or it could be another host's.
    """
    rows = frappe.db.sql(
        "select id, time_ms / 1000, state, info from information_schema.processlist "
        "where substring_index(host, ':', -1) = %s and command = 'Query' and (user, db) = "
        "(select user, db from information_schema.processlist where id = connection_id())",
        (str(port),),
    )
    if len(rows) != 1:
        return None
    connection, seconds, state, text = rows[0]
    return {"text": text, "for_s": round(float(seconds), 1), "state": state, "blocked_by": _blocked_by(connection)}


def _blocked_by(connection: int) -> dict[str, Any] | None:
    """The transaction that holds the lock. None: there is none, or this user may not know."""
    savepoint = "job_console_locks"
    frappe.db.savepoint(savepoint)
    try:
        rows = frappe.db.sql(
            """select holder.trx_mysql_thread_id, timestampdiff(second, holder.trx_started, now())
            from information_schema.innodb_lock_waits waits
            join information_schema.innodb_trx waiter on waiter.trx_id = waits.requesting_trx_id
            join information_schema.innodb_trx holder on holder.trx_id = waits.blocking_trx_id
            where waiter.trx_mysql_thread_id = %s order by holder.trx_started limit 1""",
            (connection,),
        )
    except (frappe.db.OperationalError, frappe.db.ProgrammingError, frappe.db.InternalError):
        frappe.db.rollback(save_point=savepoint)
        return None
    return {"connection": rows[0][0], "for_s": float(rows[0][1])} if rows else None
