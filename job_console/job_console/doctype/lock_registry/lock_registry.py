"""What is locked now: a virtual DocType. Its documents are the locks in Redis, named SITE|KEY, and what else locks."""

from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, convert_utc_to_system_timezone, cstr

from job_console.bridge.access import console, for_managers
from job_console.engine.models.locks import site_of


class LockRegistry(Document):
    def load_from_db(self) -> None:
        super(Document, self).__init__(_any_row(_lock(self.name)))

    @staticmethod
    def get_list(args: Any = None, **kwargs: Any) -> list[dict[str, Any]] | list[tuple[Any, ...]]:
        """Frappe 15 hands over one dict, 16 that and its items by name."""
        asked = {**(args or {}), **kwargs}
        rows = _matching(asked)
        field, _space, direction = _order(asked.get("order_by"))
        rows.sort(key=lambda row: _sortable(row.get(field)), reverse=direction == "desc")
        rows.sort(key=lambda row: row.get(field) is None)  # last, whichever way
        start, size = cint(asked.get("start") or asked.get("limit_start")), _size(asked)
        page = rows[start : start + size] if size else rows[start:]
        if cint(asked.get("as_list")):
            return [tuple(row.values()) for row in page]
        return page

    @staticmethod
    def get_count(args: Any = None, **kwargs: Any) -> int:
        return len(_matching({**(args or {}), **kwargs}))

    @staticmethod
    def get_stats(args: Any = None, **kwargs: Any) -> dict[str, Any]:
        return {}

    def db_insert(self, *args: Any, **kwargs: Any) -> None:
        frappe.throw(_("Locks are taken by jobs, not made by hand."))

    def db_update(self, *args: Any, **kwargs: Any) -> None:
        frappe.throw(_("A lock cannot be edited."))

    def delete(self, *args: Any, **kwargs: Any) -> None:
        frappe.throw(_("A lock is released, not deleted."))


@for_managers
def _locks() -> list[dict[str, Any]]:
    reported = console().locks.all(idle=True)
    return [*reported["locks"], *reported["others"]]


@for_managers
def _lock(key: str) -> dict[str, Any]:
    return console().locks.show(key)


def _any_row(lock: dict[str, Any]) -> frappe._dict:
    return _other_row(lock) if "kind" in lock else _row(lock)


def _other_row(lock: dict[str, Any]) -> frappe._dict:
    """Not ours: for reading only."""
    owner = lock["owner"] or {}
    since = _local(lock["since"]) if lock["state"] != "free" else None
    return frappe._dict(
        doctype="Lock Registry",
        name=lock["key"],
        lock_key=" ".join(lock["document"] or [lock["name"]]),
        kind=lock["kind"].title(),
        says=lock["says"],
        state=lock["state"].capitalize(),
        bench_wide=int(lock["site"] is None),
        acquired_at=since,
        holder_method=owner.get("command"),
        holder_job=owner.get("job_id"),
        holder_host=owner.get("host"),
        holder_pid=owner.get("pid"),
        waiting=0,
        creation=since,
        modified=since,
        docstatus=0,
    )


def _row(lock: dict[str, Any]) -> frappe._dict:
    holder = lock["holder"] or {}
    since = _local(lock["acquired_at"])
    return frappe._dict(
        doctype="Lock Registry",
        name=lock["key"],
        lock_key=lock["key"].partition("|")[2],
        kind="Lock",
        state=lock["state"].capitalize(),
        bench_wide=int(site_of(lock["key"]) is None),
        fence=cstr(lock["fence"]),
        acquired_at=since,
        expires_in_s=lock["expires_in_s"],
        holder_method=holder.get("method"),
        holder_job=holder.get("job_id"),
        holder_user=holder.get("user"),
        holder_worker=holder.get("worker"),
        holder_host=holder.get("host"),
        holder_pid=holder.get("pid"),
        waiting=len(lock["waiters"]),
        contended=lock["contended"],
        acquired=lock["acquired"],
        longest_hold_s=lock["longest_hold_s"],
        gave_up=lock["gave_up"],
        lapsed=lock["lapsed"],
        owner=holder.get("user"),
        creation=since,
        modified=since,
        docstatus=0,
    )


def _local(iso: str | None) -> str | None:
    if not iso:
        return None
    utc = datetime.fromisoformat(iso.replace("Z", "+00:00"))
    return convert_utc_to_system_timezone(utc).strftime("%Y-%m-%d %H:%M:%S")


def _matching(asked: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [_any_row(lock) for lock in _locks()]
    every, some = (_filters(asked.get(name)) for name in ("filters", "or_filters"))
    rows = [row for row in rows if all(_matches(row, *each) for each in every)]
    return [row for row in rows if not some or any(_matches(row, *each) for each in some)]


def _filters(given: Any) -> list[tuple[str, str, Any]]:
    """As the desk sends them: {field: value}, {field: [operator, value]}, [[doctype, field, operator, value]]."""
    given = frappe.parse_json(given) if isinstance(given, str) else given
    if isinstance(given, dict):
        pairs = given.items()
        return [(field, *value) if isinstance(value, list | tuple) else (field, "=", value) for field, value in pairs]
    return [tuple(each[1:4]) if len(each) > 3 else tuple(each) for each in given or []]


def _matches(row: dict[str, Any], field: str, operator: str, wanted: Any) -> bool:
    value, operator = row.get(field), operator.lower()
    if operator == "is":
        return bool(value) == (wanted == "set")
    if operator in ("like", "not like"):
        pattern = cstr(wanted).replace("[", "[[]").replace("%", "*").replace("_", "?").lower()
        return fnmatchcase(cstr(value).lower(), pattern) == (operator == "like")
    if operator in ("in", "not in"):
        listed = wanted.split(",") if isinstance(wanted, str) else wanted
        return (cstr(value) in [cstr(each).strip() for each in listed]) == (operator == "in")
    if operator == "between":
        first, last = (cstr(each) for each in wanted)
        # A day lasts to its end.
        return first <= cstr(value) <= (f"{last} 23:59:59" if len(last) == len("2026-01-01") else last)
    one, other = (
        (_number(value), _number(wanted)) if _numeric(value) and _numeric(wanted) else (cstr(value), cstr(wanted))
    )
    compared = {"=": one == other, "!=": one != other, ">": one > other, "<": one < other}
    return {**compared, ">=": one >= other, "<=": one <= other}.get(operator, False)


def _numeric(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _number(value: Any) -> float:
    return float(value)


def _order(order_by: Any) -> tuple[str, str, str]:
    """`tabLock Registry`.`acquired_at` desc"""
    first = cstr(order_by or "acquired_at desc").split(",")[0].replace("`", "").replace('"', "").strip()
    name, space, direction = first.partition(" ") if "tab" not in first else first.rpartition(" ")
    return name.rpartition(".")[2].strip(), space, direction.strip().lower() or "asc"


def _sortable(value: Any) -> tuple[int, float, str]:
    return (0, float(value), "") if isinstance(value, int | float) else (1, 0.0, cstr(value))


def _size(asked: dict[str, Any]) -> int:
    """0: all there are, which are no more than `limits.LOCK_ROWS` of each kind."""
    sizes = (asked.get(name) for name in ("page_length", "limit_page_length", "limit"))
    return max(cint(next((size for size in sizes if size not in (None, "")), 20)), 0)
