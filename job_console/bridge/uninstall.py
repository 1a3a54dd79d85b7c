"""Uninstalls Job Console from a site: removes everything that it wrote. docs/data.md has the list.

It runs after Frappe has dropped the doctypes, not before: the dry run of an uninstall calls the same hooks, and is
recognised by the app that is still installed.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import frappe
from frappe.utils import get_bench_path

from job_console.bridge import personal
from job_console.bridge.connection import engine
from job_console.bridge.personal import delete
from job_console.bridge.schedule import schedule
from job_console.bridge.sidebar import HOME, PAGES
from job_console.bridge.sweep import webhook
from job_console.engine.errors import RedisUnavailable
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.progress import hand_over
from job_console.engine.redis import forget, keys
from job_console.engine.redis.link import Redis, reaching_redis
from job_console.engine.rq import call
from job_console.engine.rq.records import text
from job_console.engine.service import Viewer
from job_console.engine.stacks import serving
from job_console.engine.stacks.arming import possible

APP = personal.APP
_DAY_S = 86_400
#: Frappe's tables that name a doctype in a field which is not a link.
_NAMED = {
    "Access Log": "export_from",
    "Custom Role": "ref_doctype",
    "Deleted Document": "deleted_doctype",
    "Webhook Request Log": "reference_doctype",
}


def after_uninstall() -> None:
    if APP in frappe.get_installed_apps():
        return
    drop_what_is_left()
    forget_documents()
    frappe.db.commit()
    # Frappe keeps the hooks of all apps in its cache, and leaves ours there: each request would ask for them and fail.
    frappe.clear_cache()
    with suppress(RedisUnavailable), reaching_redis():
        forget_redis(engine().redis)
    _forget_logs(Path(frappe.get_site_path("logs")))


def doctypes() -> list[str]:
    """Ours, as the app's files name them: their records are gone by now, as a rule."""
    folder = Path(__file__).parents[1] / APP / "doctype"
    return [frappe.parse_json(file.read_text("utf-8"))["name"] for file in sorted(folder.glob("*/*.json"))]


# --- the site's database ---


def drop_what_is_left() -> None:
    """Doctypes that Frappe finds no more when its uninstalling broke off and is run again: their module went first."""
    tables = frappe.db.get_tables(cached=False)
    for name in doctypes():
        if frappe.db.exists("DocType", name):
            frappe.delete_doc("DocType", name, ignore_on_trash=True, force=True)
        if f"tab{name}" in tables:
            frappe.db.sql_ddl(f"DROP TABLE IF EXISTS `tab{name}`")


def forget_documents() -> None:
    ours = doctypes()
    webhook.remove()
    for doctype, fieldname in _links_to_doctypes():
        if doctype == "File":
            for name in frappe.get_all("File", {fieldname: ("in", ours)}, pluck="name"):
                # Frappe asks the document, whose doctype is gone. Deleted after that, with what is on the disk.
                frappe.db.set_value("File", name, {fieldname: None, "attached_to_name": None})
                frappe.delete_doc("File", name, ignore_permissions=True, force=True)
        else:
            frappe.db.delete(doctype, {fieldname: ("in", ours)})
    frappe.db.delete("Singles", {"doctype": ("in", ours)})
    for table, fieldname in _NAMED.items():
        if _has(table, fieldname):
            frappe.db.delete(table, {fieldname: ("in", ours)})
    _forget_traces(ours)
    _forget_log_settings(ours)
    personal.forget(ours)


def _forget_traces(ours: list[str]) -> None:
    """Delete entries of Frappe's logs about the deleted records, and about our own failures."""
    for like in (f"%{APP}.%", '%"Job Console"%'):
        delete("Deleted Document", {"data": ("like", like)})
    delete("Deleted Document", {"deleted_name": ("in", ["Job Console", *PAGES, HOME, webhook.WEBHOOK])})
    delete("Comment", {"comment_type": "Deleted", "subject": ("like", f"%{webhook.WEBHOOK}%")})
    delete("Comment", {"comment_type": "Deleted", "subject": ("in", [f"DocType {name}" for name in ours])})
    delete("Permission Log", {"for_document": ("in", [*ours, *PAGES])})
    delete("Patch Log", {"patch": ("like", f"{APP}.%")})
    delete("Error Log", {"method": ("like", "Job Console%")})


def _forget_log_settings(ours: list[str]) -> None:
    """Its versions name our doctypes whose old records are deleted, among those of Frappe: these stay."""
    for version in frappe.get_all("Version", {"ref_doctype": "Log Settings"}, ["name", "data"]):
        changes = frappe.parse_json(version.data)
        kept = {**changes, **{each: _others(changes.get(each) or [], ours) for each in ("added", "removed")}}
        if kept == {"added": [], "removed": [], **changes}:
            continue
        if any(kept.get(each) for each in ("added", "removed", "changed", "row_changed")):
            frappe.db.set_value("Version", version.name, "data", frappe.as_json(kept), update_modified=False)
        else:
            frappe.db.delete("Version", {"name": version.name})


def _others(rows: list[Any], ours: list[str]) -> list[Any]:
    """Of a table's rows as a version has them: (field, row)."""
    return [row for row in rows if row[1].get("ref_doctype") not in ours]


def _links_to_doctypes() -> Iterator[tuple[str, str]]:
    """Each table with a field that is a link to a doctype."""
    for source in ("DocField", "Custom Field"):
        parent = "parent" if source == "DocField" else "dt"
        fields = frappe.get_all(
            source, {"fieldtype": "Link", "options": "DocType"}, [parent, "fieldname"], as_list=True
        )
        for doctype, fieldname in fields:
            about = frappe.db.get_value("DocType", doctype, ["issingle", "is_virtual"], as_dict=True)
            if about and not about.issingle and not about.is_virtual and _has(doctype, fieldname):
                yield doctype, fieldname


def _has(doctype: str, fieldname: str) -> bool:
    return frappe.db.table_exists(doctype) and frappe.db.has_column(doctype, fieldname)


# --- Redis ---


def forget_redis(redis: Redis) -> None:
    """Delete our keys. Jobs that only Job Console would enqueue again are enqueued first."""
    site = frappe.local.site
    _bring_back(redis, site)
    forget.of_site(redis, site)
    schedule.withdraw()
    if forget.sites(redis, time.time() - _DAY_S) - {site}:
        return
    # No other site uses it: nobody needs what they had in common.
    if possible():
        serving.end(redis)
    forget.everything(redis)
    _forget_logs(Path(get_bench_path(), "logs"))


def _bring_back(redis: Redis, site: str) -> None:
    """Enqueue paused jobs, those that wait for a place, and those that are to be tried again."""
    here = engine()
    bench = here.watch.look().bench
    since = hand_over.parked_since(bench.at)
    parked = {
        text(member) or ""
        for lane in bench.lanes
        for member in redis.zrangebyscore(keys.registry("scheduled", lane.name), since, "+inf")
    }
    again = {text(member) or "" for member in redis.zrange(keys.RETRIES, 0, -1)}
    console = here.console(Viewer("Job Console", site, may_act=True))
    for action, job_ids in (("unpause", parked), ("requeue", again - parked)):
        mine = sorted(job_id for job_id in job_ids if call.site_of_id(job_id) == site)
        for start in range(0, len(mine), jobs_limits.BULK_JOBS):
            console.actions.run(action, mine[start : start + jobs_limits.BULK_JOBS], "Job Console was uninstalled")


# --- files ---


def _forget_logs(folder: Path) -> None:
    for file in folder.glob("job_console.log*"):
        file.unlink(missing_ok=True)
