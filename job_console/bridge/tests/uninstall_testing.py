"""For the test that leaves a site: writes down everything that Job Console can, and tells what a site and Redis hold.

Run by the bench's own Python and not by `bench execute`, which runs no function of an app that is not installed.
"""

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import frappe
from frappe.installer import remove_app
from frappe.model.utils import user_settings
from frappe.utils import now_datetime
from frappe.utils.background_jobs import get_redis_conn
from redis import Redis

import job_console
from job_console import api
from job_console.bridge import uninstall
from job_console.bridge.connection import engine
from job_console.bridge.schedule import moved
from job_console.bridge.sweep import incidents, job_metrics, notification_log
from job_console.bridge.tests.testing import MANAGER, MARK
from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun
from job_console.engine.redis import keys
from job_console.engine.rq.records import text
from job_console.runtime.once import once

#: The site's journals of what went wrong: other tests have left failures of theirs in them.
JOURNALS = ("tabError Log", "tabScheduled Job Log")
ADD = "job_console.bridge.tests.testing.add"


def pause(job_id: str) -> str:
    """Nothing else writes meanwhile: SQLite refuses to write in a transaction that began by reading."""
    frappe.set_user(MANAGER)
    (result,) = api.act("pause", [job_id], reason="tests")["results"]
    return result["state_after"]


def use_everything() -> None:
    frappe.set_user(MANAGER)
    job_console.lock("job-console-test:leaving").acquire()
    policy = frappe.get_doc({"doctype": "Job Policy", "match_by": "Method", "method": ADD, "expected_duration": 7})
    policy.insert()
    _as_people_do(policy)
    settings = frappe.get_single("Job Console Settings")
    settings.update({"secret_names": "iban", "notify_severity": "Critical"})
    settings.save()
    _settle_logs()
    schedule = frappe.get_last_doc("Scheduled Job Type", {"method": ("like", "frappe.%"), "stopped": 0})
    moved.set_cron(schedule, "17 3 * * *")
    fields = {"status": "Open", "severity": "Critical", "message": "A test", "open_cause": "test", "cause": "test"}
    now = now_datetime()
    incident = frappe.get_doc({"doctype": "Job Incident", **fields, "opened": now, "last_seen": now})
    incident.insert(ignore_permissions=True)
    notification_log.notify(MANAGER, "A test", incident.doctype, incident.name)
    once(f"{MARK}leaving", lambda: None)
    frappe.db.commit()
    _count_a_run()
    incidents.sweep()
    api.snapshot()
    api.save_view("leaving", "status:failed")
    api.save_view("leaving", "status:failed", shared=True)
    frappe.logger("job_console").error("A line of the tests")
    frappe.db.commit()


def _settle_logs() -> None:
    """As Frappe does each day, and as people do who want a log kept for ever: each writes a version."""
    logs = frappe.get_single("Log Settings")
    logs.logs_to_clear = [row for row in logs.logs_to_clear if row.ref_doctype not in uninstall.doctypes()]
    logs.save(ignore_permissions=True)
    logs.add_default_logtypes()
    logs.save(ignore_permissions=True)


def _count_a_run() -> None:
    at, site = datetime.now(timezone.utc), frappe.local.site
    statistics.record(engine().redis, EndedRun(ADD, "short", "finished", at, 1.0, 1.0, site=site))
    job_metrics.put_away(engine(), engine().watch.look())


def _as_people_do(policy: Any) -> None:
    """What Frappe lets them write beside any document."""
    policy.reload()
    policy.expected_duration = 8
    policy.save()  # with a Version
    policy.add_comment("Comment", "a test")
    policy.add_tag("tests")
    about = {"attached_to_doctype": policy.doctype, "attached_to_name": policy.name}
    frappe.get_doc({"doctype": "File", "file_name": f"{MARK}leaving.txt", "content": "x", **about}).insert()
    frappe.set_user("Administrator")
    field = {"dt": "Job Policy", "fieldname": "team", "label": "Team", "fieldtype": "Data"}
    if not frappe.db.exists("Custom Field", field):  # a test before this one that failed
        frappe.get_doc({"doctype": "Custom Field", **field}).insert()
    frappe.get_doc({"doctype": "Route History", "route": "List/Job Policy", "user": MANAGER}).insert()
    if frappe.get_meta("User").has_field("default_workspace"):
        frappe.db.set_value("User", MANAGER, "default_workspace", "Job Queues")
    frappe.set_user(MANAGER)
    _look_at_lists()


def _look_at_lists() -> None:
    """What Frappe keeps when somebody looks at a list of ours, and sets how it looks."""
    looks = frappe.as_json({"List": {"filters": [["Job Incident", "status", "=", "Open"]]}})
    user_settings.save("Job Incident", looks)
    # What Frappe copies to the table every hour; 16.0.0-dev cannot on SQLite.
    copied = frappe.qb.Table("__UserSettings")
    frappe.qb.into(copied).columns("user", "doctype", "data").insert(MANAGER, "Job Policy", looks).run()
    kept = [
        {"doctype": "List View Settings", "name": "Job Incident", "disable_count": 1},
        {"doctype": "Access Log", "export_from": "Job Policy", "user": MANAGER},
    ]
    if frappe.db.table_exists("Desktop Layout"):
        frappe.db.delete("Desktop Layout", {"user": MANAGER})  # a test before this one has left theirs
        icons = [{"label": "Job Queues", "app": "job_console"}, {"label": "Users", "app": "frappe"}]
        kept.append({"doctype": "Desktop Layout", "user": MANAGER, "layout": frappe.as_json(icons)})
    for each in kept:
        frappe.get_doc(each).insert(ignore_permissions=True)


def leave() -> dict[str, Any]:
    """As `bench uninstall-app`: what is kept before it, after a dry run of it, and after it."""
    frappe.set_user("Administrator")
    found = {"before": kept()}
    remove_app("job_console", dry_run=True, yes=True, no_backup=True)
    found["rehearsed"] = kept()
    remove_app("job_console", yes=True, no_backup=True)
    return {**found, "after": kept()}


def kept() -> dict[str, Any]:
    """What a site, its bench and Redis hold now."""
    # Frappe 15 also names tables of the database server's own.
    tables = sorted(name for name in frappe.db.get_tables(cached=False) if name.startswith(("tab", "__")))
    rows = {table: list(map(str, frappe.db.sql(f"select * from `{table}`"))) for table in tables}
    ours = uninstall.doctypes()
    needles = ["job_console.", "'job_console'", '"job_console"', "Job Console", "job-monitor", "Job Queues", *ours]

    def mentions(table: str, row: str) -> bool:
        return table not in JOURNALS and "Installed Applications" not in row and any(each in row for each in needles)

    return {
        "tables": tables,
        "mentions": {
            table: sorted(row[:300] for row in found if mentions(table, row))
            for table, found in rows.items()
            if any(mentions(table, row) for row in found)
        },
        "keys": sorted(name.decode() for name in get_redis_conn().scan_iter(keys.OURS + "*", count=1000)),
        "logs": [str(file) for file in Path(frappe.get_site_path("logs")).glob("job_console.log*")],
        "lists": [key for key in map(text, frappe.cache.hkeys("_user_settings")) if key.partition("::")[0] in ours],
        "files": [str(file) for file in Path(frappe.get_site_path()).glob(f"*/files/{MARK}*")],
    }


def only_this_site() -> None:
    """Other tests tell the schedules of sites that there are not."""
    redis: Redis = engine().redis
    for site in redis.zrange(keys.SCHEDULES, 0, -1):
        if text(site) != frappe.local.site:
            redis.zrem(keys.SCHEDULES, text(site))
