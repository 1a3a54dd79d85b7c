"""Notifies the people whom policies name. A duty of the sweep, so that it also works while the workers hang."""

from collections.abc import Callable
from functools import partial

import frappe
from frappe.utils import escape_html, get_url
from frappe.utils.user import get_users_with_role

from job_console.bridge import language, versions
from job_console.bridge.access import site_console
from job_console.bridge.policies import policies
from job_console.bridge.policies.form import DOCTYPE as POLICY
from job_console.engine.redis.link import reaching_redis
from job_console.engine.service import Engine
from job_console.engine.watch import alerts
from job_console.engine.watch.alerts import Alert
from job_console.engine.watch.watch import Look

from . import notification_log

DUTY = "alerts"
INCIDENT = "Job Incident"


def notify(engine: Engine, look: Look) -> None:
    """Of what is new since the last time; nothing is asked of Redis on a site whose policies tell nobody."""
    site, policy_set, redis = frappe.local.site, policies.here(), engine.redis
    if not any(policy.alerts.to for policy in policy_set.policies):
        return
    console = site_console(engine)
    with reaching_redis():
        since = alerts.seen(redis, site, look.bench.at)
        failures = [failed for failed in look.bench.failed_lately if failed.site == site and failed.at > since]
        jobs = engine.reader.read(list({failed.job_id: None for failed in failures}))
        failures = alerts.judged(policy_set, failures, jobs, look.bench)
        found = alerts.due(policy_set, failures, jobs, console.warnings.unsilenced(look), look.bench)
        wanted = [alert for alert in found if alerts.claim(redis, site, alert)]
        alerts.note_seen(redis, site, max([since, *(failed.at for failed in failures)]))
    redaction = site_console(engine).redaction
    unreached: list[str] = []
    for alert in wanted:
        text = redaction.hiding(alert.policy.sensitive).text(alert.text)
        users, addresses = people(alert.policy.alerts.to)
        for names, notify_them in ((users, _notify), (addresses, _mail)):
            if names and (trouble := apart(partial(notify_them, alert, names, text))):
                unreached.append(f"{alert.policy.name}, {', '.join(names)}: {trouble}")
    if unreached:
        frappe.log_error("Job Console could not tell everybody of its alerts", "\n".join(unreached))
        frappe.db.commit()


def apart(notify: Callable[[], object]) -> str:
    """Notify somebody; returns what went wrong, or "". Others are notified all the same: each has a transaction of its
    own (a sweep has none)."""
    earlier = len(frappe.local.message_log)
    try:
        notify()
        frappe.db.commit()
    except Exception as error:  # a mail account that is missing, a hook of somebody's
        frappe.db.rollback()
        del frappe.local.message_log[earlier:]  # not for the user of this request
        return f"{type(error).__name__}: {error}"
    return ""


def _notify(alert: Alert, users: list[str], text: str) -> None:
    """One cause is told once: who was told of its incident is not told of its warning as well."""
    incident = alert.cause and frappe.db.get_value(INCIDENT, {"open_cause": alert.cause})
    notified = notification_log.notified(INCIDENT, incident) if incident else set()
    for user in users:
        if user not in notified:
            notification_log.notify(user, language.spoken(text, user), POLICY, alert.policy.name)


def _mail(alert: Alert, addresses: list[str], text: str) -> None:
    text = language.of_site(text)
    link = get_url(versions.desk_route(f"job-monitor?job={frappe.utils.quote(alert.job_id)}")) if alert.job_id else ""
    body = f"<p>{escape_html(text)}</p>" + (f'<p><a href="{link}">Job Monitor</a></p>' if link else "")
    frappe.sendmail(recipients=addresses, subject=text[:140], message=body)


def people(names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """(users, addresses of others). A name is a user's, a role's, or an address."""
    users: dict[str, None] = {}
    addresses = []
    for name in names:
        if frappe.db.get_value("User", name, "enabled"):
            users[name] = None
        elif frappe.db.exists("Role", name):
            users.update(dict.fromkeys(_enabled(get_users_with_role(name))))
        elif "@" in name:
            addresses.append(name)
    return list(users), addresses


def unknown(names: tuple[str, ...]) -> list[str]:
    """Those that are neither a user nor a role nor an address."""
    return [
        name
        for name in names
        if not frappe.db.exists("User", name)
        and not frappe.db.exists("Role", name)
        and not frappe.utils.validate_email_address(name)
    ]


def _enabled(users: list[str]) -> list[str]:
    return frappe.get_all("User", filters={"name": ("in", users), "enabled": 1}, pluck="name")
