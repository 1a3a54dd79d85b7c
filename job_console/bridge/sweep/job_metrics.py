"""A site's past in its own database: Job Metric, one document for an hour (kept a month) and a day (13 months).

The hour that runs is written down every few minutes, so that a Redis that is emptied loses no more than these.
"""

import base64
import json
from collections.abc import Sequence
from datetime import datetime, timezone

import frappe
from frappe.utils import convert_utc_to_system_timezone

from job_console.engine.history import archive, limits, rows
from job_console.engine.history.archive import GAUGES, HOUR_S, METHODS, SITES, TOTAL, Parts
from job_console.engine.history.reader import HistoryReader, put_gauges
from job_console.engine.history.rows import ALL, Rows
from job_console.engine.redis.link import reaching_redis
from job_console.engine.service import Engine
from job_console.engine.watch.history_duty import PUT_AWAY_EVERY_S
from job_console.engine.watch.watch import Look

DUTY = "job_metrics"
EVERY_S = PUT_AWAY_EVERY_S
METRIC = "Job Metric"
#: What is kept of each, and the field that it stands in.
_FIELDS = {archive.TOTAL: "total", archive.COST: "cost", METHODS: "methods"}


class SiteArchive:
    """What this site has put away."""

    def read(self, period: str, starts: Sequence[int], what: str) -> dict[int, Rows]:
        """One query."""
        if what == SITES:
            return {
                start: {frappe.local.site: found.get(ALL, {})}
                for start, found in self.read(period, starts, TOTAL).items()
            }
        field = _FIELDS.get(what, "gauges" if what.startswith(GAUGES) else "")
        return {start: rows.unpack(_bytes(value)) for start, value in _values(period, starts, field).items() if value}

    def parts(self, starts: Sequence[int]) -> dict[int, Parts]:
        return {
            start: {born: rows.unpack(_bytes(packed)) for born, packed in json.loads(value).items()}
            for start, value in _values("hour", starts, "parts").items()
            if value
        }


def put_away(engine: Engine, look: Look) -> None:
    """The duty: the hour that runs and the last ones as they are now, older ones once; then days that are over."""
    now = look.bench.at.timestamp()
    this_hour = int(now) // HOUR_S * HOUR_S
    hours = [this_hour - number * HOUR_S for number in range(limits.HOURS_BACK + 1)]
    known = _known("hour", hours)
    recent = limits.RECENT_HOURS + 1
    wanted = [*hours[:recent], *(hour for hour in hours[recent:] if hour not in known)]
    site, kept = frappe.local.site, SiteArchive()
    with reaching_redis():
        counted = archive.live(engine.redis, "hour", wanted, site)
    before = kept.parts(wanted)
    for hour in wanted:
        had = before.get(hour, {})
        parts = archive.with_part(had, *counted[hour])
        if parts is not had:
            _write("hour", hour, archive.whole(parts), parts)
    _put_samples(engine, [hour for hour in hours if hour < this_hour])
    reader = HistoryReader(engine.redis, kept, site, now)
    days = archive.days_over(now)
    for day in set(days) - _known("day", days):
        _put_day(reader, day)
        _forget(now)


def _put_day(reader: HistoryReader, day: int) -> None:
    hours = archive.hours_of(day)
    with reaching_redis():
        methods = archive.sum_of(reader.rows("hour", hours, METHODS).values())
    if not methods:
        return
    _write("day", day, methods, {})
    for hour in _known("hour", hours):  # nothing is added to them any more
        _set(_name("hour", hour), {"parts": None})
    frappe.db.commit()


def _write(period: str, start: int, methods: Rows, parts: Parts) -> None:
    """In a transaction of its own: a site on SQLite has room for one writer."""
    fields: dict[str, object] = {
        "total": _text(rows.pack(rows.together(methods))),
        "cost": _text(rows.pack(rows.without_histograms(methods))),
        "methods": _text(rows.pack(methods, many=True)),
        "parts": json.dumps({born: _text(rows.pack(counted)) for born, counted in parts.items()}) if parts else None,
        "runs": rows.runs(methods),
        "failed": rows.failures(methods),
        "worker_minutes": round(rows.costs(methods).total() / 60_000, 2),
    }
    name = _name(period, start)
    try:
        if frappe.db.exists(METRIC, name):
            _set(name, fields)
        else:
            _insert({"name": name, "period": period, "start": _site_time(start), **fields})
        frappe.db.commit()
    except Exception:
        frappe.db.rollback()
        raise


def _insert(fields: dict[str, object]) -> None:
    document = frappe.get_doc({"doctype": METRIC, "owner": "Administrator", **fields})
    savepoint = "job_metric"
    frappe.db.savepoint(savepoint)
    try:
        document.insert(ignore_permissions=True, set_name=fields["name"])
    except (frappe.DuplicateEntryError, frappe.UniqueValidationError):  # another sweep was quicker
        frappe.db.rollback(save_point=savepoint)


def _put_samples(engine: Engine, hours: Sequence[int]) -> None:
    """Of hours that are over, and of days made of them, those that have none yet."""
    prefix = engine.watch.queue_prefix
    for period, starts in (("hour", hours), ("day", archive.days_over(max(hours) + HOUR_S))):
        without = [start for start, value in _values(period, starts, "gauges").items() if not value]
        reader = HistoryReader(engine.redis, SiteArchive(), frappe.local.site, max(hours) + HOUR_S)
        with reaching_redis():
            found = reader.samples(prefix, period, without) if without else {}
        for start, sample in found.items():
            _set(_name(period, start), {"gauges": _text(rows.pack(put_gauges(sample)))})
        if found:
            frappe.db.commit()


def _forget(now: float) -> None:
    for period, seconds in archive.KEPT_S.items():
        oldest = _name(period, int(now) - seconds)
        frappe.db.delete(METRIC, {"period": period, "name": ("<", oldest)})
    frappe.db.commit()


def _known(period: str, starts: Sequence[int]) -> set[int]:
    return set(_values(period, starts, "name"))


def _values(period: str, starts: Sequence[int], field: str) -> dict[int, str]:
    """One query, by the primary key."""
    if not starts or not field:
        return {}
    names = {_name(period, start): start for start in starts}
    found = frappe.get_all(METRIC, {"name": ("in", list(names))}, ["name", field], limit_page_length=0, order_by="name")
    return {names[row["name"]]: row[field] for row in found}


def _set(name: str, fields: dict[str, object]) -> None:
    frappe.db.set_value(METRIC, name, fields, update_modified=False)


def _name(period: str, start: int) -> str:
    """In the order of time."""
    return f"{period}-{start:010d}"


def _site_time(start: int) -> datetime:
    """As the database keeps it: in the site's zone, without saying so."""
    moment = datetime.fromtimestamp(start, timezone.utc).replace(tzinfo=None)
    return convert_utc_to_system_timezone(moment).replace(tzinfo=None)


def _text(packed: bytes) -> str:
    return base64.b64encode(packed).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
