"""Mails a site's weekly report, where Job Console Settings want it: a duty of the sweep, once in each week."""

from functools import partial

import frappe
from frappe.utils import cint, escape_html, get_url, getdate

from job_console.bridge import language, versions
from job_console.bridge.access import ROLE, site_console
from job_console.bridge.sweep import alerts
from job_console.bridge.sweep.job_metrics import SiteArchive
from job_console.engine.history import report_mail
from job_console.engine.history.report_mail import Mail
from job_console.engine.service import Engine
from job_console.engine.watch.watch import Look

DUTY = "weekly_report"
EVERY_S = 900.0
SETTINGS = "Job Console Settings"


def send(engine: Engine, look: Look) -> None:
    """One query when it is off, or sent. It is noted before it is sent: no week has two."""
    settings = frappe.db.get_singles_dict(SETTINGS)
    year, number, _day = getdate().isocalendar()
    week = f"{year}-W{number:02}"
    if not cint(settings.get("weekly_report")) or settings.get("weekly_report_sent") == week:
        return
    found = report_mail.mail(site_console(engine).history.week(kept=SiteArchive()), frappe.local.site)
    frappe.db.set_single_value(SETTINGS, "weekly_report_sent", week)
    frappe.db.commit()
    users, addresses = alerts.people(receivers(settings.get("weekly_report_to")))
    troubles = [_mail(found, user, frappe.db.get_value("User", user, "email")) for user in users]
    troubles += [_mail(found, None, address) for address in addresses]
    if any(troubles):
        frappe.log_error("Job Console could not mail its weekly report", "\n".join(filter(None, troubles)))
        frappe.db.commit()


def receivers(text: str | None) -> tuple[str, ...]:
    """Users, roles and addresses, one a line; none: who may see the report anyway."""
    return tuple(filter(None, map(str.strip, (text or "").split("\n")))) or (ROLE,)


def _mail(mail: Mail, user: str | None, address: str | None) -> str:
    """In this user's language, else in the site's. Returns what went wrong, or ""."""
    if not address:
        return ""
    subject, body = _spoken(mail.subject, user)[:140], _body(mail, user)
    trouble = alerts.apart(partial(frappe.sendmail, recipients=[address], subject=subject, message=body))
    return f"{address}: {trouble}" if trouble else ""


def _body(mail: Mail, user: str | None) -> str:
    parts = []
    for section in mail.sections:
        lines = "".join(f"<li>{escape_html(_spoken(line, user))}</li>" for line in section.lines)
        parts.append(f"<h3>{escape_html(_spoken(section.title, user))}</h3><ul>{lines}</ul>")
    link = get_url(versions.desk_route("job-monitor/history?last=7d"))
    return f'{"".join(parts)}<p><a href="{link}">Job Monitor</a></p>'


def _spoken(text: str, user: str | None) -> str:
    return language.spoken(text, user) if user else language.of_site(text)
