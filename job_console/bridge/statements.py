"""Where a running job is (`engine.stacks`), and what its database says of the statement that it waits for.

MariaDB shows a user the statements of its own connections, and a site's jobs connect as the site's user. Whose row lock
it waits for is in InnoDB's tables, which want the PROCESS privilege: where the site's user has it, that is told too.
"""

import re
from typing import Any

import frappe

from job_console.bridge.access import console

#: Verb and table of a statement; its values are nobody's business here.
_STATEMENT = re.compile(
    r"\s*(?P<verb>select|insert|replace|update|delete|alter|create|drop|lock|call|commit)\b"
    r"(?:.*?(?P<table>`[^`]+`|\btab\w+))?",
    re.IGNORECASE | re.DOTALL,
)


def where(job_id: str) -> dict[str, Any]:
    """As `Console.where`, with `statement`: `{"verb", "table", "for_s", "state", "blocked_by"}` of a job that waits for
    its database, or null. `blocked_by`: `{"connection", "for_s"}` of who holds the lock, where that can be known.
    """
    answer = console().where(job_id)
    if answer["verdict"] != "waiting" or not answer["port"] or frappe.db.db_type != "mariadb":
        return answer
    statement = _running(answer["port"])
    if statement is None:
        return answer
    return {**answer, "statement": statement, "text": f"{answer['text']} {_words(statement)}"}


def _running(port: int) -> dict[str, Any] | None:
    """Of the connection that comes from this port. None: there is none, or it could be another host's."""
    rows = frappe.db.sql(
        "select id, time_ms / 1000, state, info from information_schema.processlist "
        "where substring_index(host, ':', -1) = %s and command = 'Query'",
        (str(port),),
    )
    if len(rows) != 1:
        return None
    connection, seconds, state, text = rows[0]
    found = _STATEMENT.match(text or "")
    verb, table = (found["verb"].lower(), found["table"]) if found else ("statement", None)
    return {
        "verb": verb,
        "table": table and table.strip("`"),
        "for_s": round(float(seconds), 1),
        "state": state,
        "blocked_by": _blocked_by(connection),
    }


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


def _words(statement: dict[str, Any]) -> str:
    table = f" of {statement['table']}" if statement["table"] else ""
    text = f"Its {statement['verb']}{table} has run for {statement['for_s']:.0f} s"
    holder = statement["blocked_by"]
    if holder is None:
        return f"{text} ({statement['state']})." if statement["state"] else f"{text}."
    return (
        f"{text}, and waits for a lock that connection {holder['connection']} holds, whose transaction has been open "
        f"for {holder['for_s']:.0f} s."
    )
