"""Where a running job is (`engine.stacks`), and what its database says of the statement that it waits for.

The job's connection is known by the port that its process waits on, as one of the site's own: another program's, or
another site's, may have the same one on another host. How a database is asked is in `statements_mariadb` and
`statements_postgres`; SQLite has no connections to ask about.
"""

import re
from typing import Any

import frappe

from job_console.bridge.access import console
from job_console.bridge.statements import mariadb, postgres
from job_console.engine.messages import _, joined

_RUNNING = {"mariadb": mariadb.running, "postgres": postgres.running}
#: Values are nobody's business here; the last one may be cut in its middle. What stands in double quotes is a value for
#: MariaDB, and a name for PostgreSQL.
_VALUES = {
    "mariadb": re.compile(r"""(['"])(?:\\.|(?!\1)[^\\]|\1\1)*(?:\1|\\?\Z)""", re.DOTALL),
    "postgres": re.compile(
        r"""\b[eE]'(?:\\.|[^'\\]|'')*(?:'|\\?\Z)|'(?:[^']|'')*(?:'|\Z)|\$(\w*)\$.*?(?:\$\1\$|\Z)""", re.DOTALL
    ),
}
_VERB = re.compile(
    r"\s*(select|with|insert|replace|update|delete|alter|create|drop|lock|call|truncate|commit)\b", re.IGNORECASE
)
#: Frappe's tables, wherever they stand: the first one is what the statement is about.
_TABLE = re.compile(r"""[`"]((?:tab|__)[^`"]+)[`"]|\b(tab\w+)""")


def where(job_id: str) -> dict[str, Any]:
    """As `Jobs.where`, with `statement`: `{"verb", "table", "for_s", "state", "blocked_by"}` of a job that waits for
    its database, or null. `blocked_by`: `{"connection", "for_s"}` of who holds the lock, where that can be known.
    """
    answer = console().jobs.where(job_id)
    dialect = frappe.db.db_type
    ask = _RUNNING.get(dialect)
    if answer["verdict"] != "waiting" or answer["waits_for"] != "database" or not answer["port"] or ask is None:
        return answer
    found = ask(answer["port"])
    if found is None:
        return answer
    verb, table = read(found.pop("text"), dialect)
    statement = {"verb": verb, "table": table, **found}
    return {**answer, "statement": statement, "text": joined((answer["text"], _words(statement)))}


def read(text: str | None, dialect: str) -> tuple[str, str | None]:
    """Verb and table of a statement, and nothing else of it; `statement` and None where they are not plain."""
    bare = _VALUES[dialect].sub("", text or "")
    verb, table = _VERB.match(bare), _TABLE.search(bare)
    return verb[1].lower() if verb else "statement", (table[1] or table[2]) if table else None


def _words(statement: dict[str, Any]) -> str:
    table = _("of {table}").format(table=statement["table"]) if statement["table"] else ""
    holder = statement["blocked_by"]
    said = {"verb": statement["verb"], "of_table": table, "seconds": statement["for_s"]}
    if holder is None:
        state = f"({statement['state']})" if statement["state"] else ""
        return _("Its {verb} {of_table} has run for {seconds:.0f} s {state}.").format(**said, state=state)
    text = _("Its {verb} {of_table} has run for {seconds:.0f} s, and waits for a lock that connection {holder} holds.")
    if holder["for_s"] is not None:
        text = _(
            "Its {verb} {of_table} has run for {seconds:.0f} s, and waits for a lock that connection {holder} holds, "
            "whose transaction has been open for {open:.0f} s."
        )
    return text.format(**said, holder=holder["connection"], open=holder["for_s"] or 0.0)
