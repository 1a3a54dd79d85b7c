"""Forgets what people have set for our doctypes and pages, when the app is uninstalled: ways to them, how lists look,
where they land. Frappe keeps most of that in fields that are no links.
"""

from typing import Any

import frappe

from job_console.bridge.sidebar import HOME, PAGES
from job_console.engine.rq.records import text

APP = "job_console"
#: Places in which people keep ways to doctypes and pages: (table, field).
_WAYS = (
    ("Workspace Link", "link_to"),
    ("Workspace Shortcut", "link_to"),
    ("Workspace Sidebar Item", "link_to"),
    ("Custom Role", "page"),
)
#: The hash in Frappe's cache, and the table that it is copied to every hour. Its keys are `DOCTYPE::USER`.
_LISTS_CACHE, _LISTS = "_user_settings", "__UserSettings"


def forget(doctypes: list[str]) -> None:
    for table, fieldname in _WAYS:
        delete(table, {fieldname: ("in", [*doctypes, *PAGES, HOME])})
    for name in [*doctypes, *PAGES]:
        delete("Route History", {"route": ("like", f"%{name}%")})
    _forget_lists(doctypes)
    _forget_navigation()
    _forget_desktops()
    _forget_preferences()


def _forget_lists(doctypes: list[str]) -> None:
    """How lists look, for each person and for all."""
    for key in map(text, frappe.cache.hkeys(_LISTS_CACHE)):
        if key and key.partition("::")[0] in doctypes:
            frappe.cache.hdel(_LISTS_CACHE, key)
    table = frappe.qb.Table(_LISTS)
    frappe.qb.from_(table).delete().where(table.doctype.isin(doctypes)).run()
    delete("List View Settings", {"name": ("in", doctypes)})


def _forget_navigation() -> None:
    """Delete navigation entries; Frappe deletes some of them, for apps that are on its apps screen. `delete_doc` is not
    used, as it deletes the app's own file in developer mode.
    """
    for doctype, rows in (("Workspace Sidebar", "Workspace Sidebar Item"), ("Desktop Icon", "Has Role")):
        if not frappe.db.table_exists(doctype):
            continue
        names = frappe.get_all(doctype, or_filters={"app": APP, "name": ("like", f"{HOME}%")}, pluck="name")
        frappe.db.delete(rows, {"parent": ("in", names), "parenttype": doctype})
        frappe.db.delete(doctype, {"name": ("in", names)})
    if frappe.db.table_exists("Desktop Icon"):
        for key in ("desktop_icons", "bootinfo"):
            frappe.cache.delete_key(key)


def _forget_desktops() -> None:
    """Whoever has arranged the desktop of 17 has a list of all icons: ours would stay there, and lead nowhere."""
    if not frappe.db.table_exists("Desktop Layout"):
        return
    with_ours = {"layout": ("like", f'%"{APP}"%')}
    for name, layout in frappe.get_all("Desktop Layout", with_ours, ["name", "layout"], as_list=True):
        icons = [icon for icon in frappe.parse_json(layout) if icon.get("app") != APP]
        frappe.db.set_value("Desktop Layout", name, "layout", frappe.as_json(icons), update_modified=False)


def _forget_preferences() -> None:
    for fieldname, value in (("default_workspace", HOME), ("default_app", APP)):
        if frappe.db.has_column("User", fieldname):
            frappe.db.set_value("User", {fieldname: value}, fieldname, None, update_modified=False)
    frappe.db.delete("Singles", {"doctype": "System Settings", "field": "default_app", "value": APP})
    known = {"last_known_versions": ("like", f'%"{APP}"%')}  # which apps each of them has seen, for the change log
    for name, versions in frappe.get_all("User", known, ["name", "last_known_versions"], as_list=True):
        others = {app: about for app, about in frappe.parse_json(versions).items() if app != APP}
        frappe.db.set_value("User", name, "last_known_versions", frappe.as_json(others), update_modified=False)


def delete(table: str, filters: dict[str, Any]) -> None:
    """Rows of a doctype that not every Frappe has."""
    if frappe.db.table_exists(table):
        frappe.db.delete(table, filters)
