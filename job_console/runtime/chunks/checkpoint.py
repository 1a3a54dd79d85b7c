"""The checkpoint of a loop (a Job Checkpoint document), written in the same transaction as the work that it counts.

Only one run at a time writes it. A run that begins increments `runs`; an earlier run that is still alive then finds
another number there, and cannot commit any more. So a process that was wrongly taken for dead does no harm.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import frappe

from job_console.engine.models.progress import Chunks, most_frequent
from job_console.engine.progress import limits as progress_limits
from job_console.engine.progress.early_exit import EarlyExit

from .source import Position

DOCTYPE = "Job Checkpoint"
ITEM = "Job Checkpoint Item"
UNFINISHED, PAUSED, FINISHED = "Unfinished", "Paused", "Finished"
OTHER_REASONS = "(other reasons)"


class TakenOver(EarlyExit):
    """Another run of the same job continues from the same checkpoint, so this one must end."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An item that failed."""

    position: Position
    item: str
    reason: str
    traceback: str


@dataclass
class Place:
    """A checkpoint as of the last commit, plus what the next commit will write."""

    name: str
    job: str
    runs: int
    status: str
    position: Position | None
    last_position: Position | None
    committed: int
    total: int | None
    skipped: int
    failed: int
    source: str = ""
    part: int = 0
    parts: int = 1
    part_of: str | None = None
    reasons: Counter[str] = field(default_factory=Counter)

    def write(self, failed: Sequence[Failed] = (), tried_again: Sequence[str] = ()) -> None:
        """Write the checkpoint in the open transaction, with new records for `failed` items and without those of items
        that were tried again. Raises TakenOver.
        """
        table = frappe.qb.DocType(DOCTYPE)
        frappe.qb.update(table).set(table.position, _packed(self.position)).set(table.status, self.status).set(
            table.committed, self.committed
        ).set(table.skipped, self.skipped).set(table.failed, self.failed).set(
            table.reasons, json.dumps(self.reasons)
        ).set(table.chunks, table.chunks + 1).set(table.modified, frappe.utils.now()).where(
            (table.name == self.name) & (table.runs == self.runs)
        ).run()
        if frappe.db._cursor.rowcount != 1:
            raise TakenOver(f"Another run of this job has taken over: {self.job}")
        if tried_again:
            frappe.db.delete(ITEM, {"name": ("in", list(tried_again))})
        for number, each in enumerate(failed, start=self.failed - len(failed) + 1):
            _insert_item(self.name, number, each)

    def touch(self) -> None:
        """Begin a transaction with a write. SQLite refuses a write in a transaction that began with a read, when others
        have written since.
        """
        table = frappe.qb.DocType(DOCTYPE)
        frappe.qb.update(table).set(table.modified, frappe.utils.now()).where(table.name == self.name).run()

    def because(self, reason: str) -> None:
        """Count why an item was skipped or failed."""
        known = reason in self.reasons or len(self.reasons) < progress_limits.REASONS
        self.reasons[reason if known else OTHER_REASONS] += 1

    def forget_reason(self, reason: str) -> None:
        self.reasons.subtract([reason if reason in self.reasons else OTHER_REASONS])
        self.reasons = +self.reasons

    def summary(self) -> Chunks:
        return Chunks(
            committed=self.committed,
            skipped=self.skipped,
            failed=self.failed,
            reasons=most_frequent(self.reasons, progress_limits.REASONS_REPORTED),
            checkpoint=self.name,
            part=(self.part, self.parts) if self.parts > 1 else None,
            run=self.runs,
        )


def name_of(job_id: str, step: str) -> str:
    return hashlib.sha1(f"{job_id}\n{step}".encode(), usedforsecurity=False).hexdigest()[:20]


def claim(job_id: str, created: str, step: str) -> Place | None:
    """Take over the checkpoint for this run, in the open transaction. None: there is none yet, or only one of an
    earlier job with the same id, which is deleted.
    """
    name = name_of(job_id, step)
    table = frappe.qb.DocType(DOCTYPE)
    frappe.qb.update(table).set(table.runs, table.runs + 1).where(table.name == name).run()
    row = frappe.db.get_value(DOCTYPE, name, "*", as_dict=True)
    if row is None:
        return None
    if row.job_created and row.job_created != created:
        forget(name)
        return None
    if not row.job_created or row.status == PAUSED:
        fresh = {"job_created": created, "status": UNFINISHED if row.status == PAUSED else row.status}
        frappe.db.set_value(DOCTYPE, name, fresh)
        row.update(fresh)
    return _place(row)


def forget(name: str) -> None:
    names = [name, *frappe.get_all(DOCTYPE, filters={"part_of": name}, pluck="name")]
    frappe.db.delete(ITEM, {"parent": ("in", names)})
    frappe.db.delete(DOCTYPE, {"name": ("in", names)})


def make(
    job_id: str,
    created: str,
    step: str,
    method: str,
    total: int | None,
    position: Position | None = None,
    last_position: Position | None = None,
    **more: Any,
) -> Place:
    """A new place, at the beginning."""
    doc = frappe.get_doc(
        {
            "doctype": DOCTYPE,
            "name": name_of(job_id, step),
            "job": job_id,
            "job_created": created,
            "step": step,
            "method": method,
            "status": UNFINISHED,
            "runs": 1,
            "total": total or 0,
            "position": _packed(position),
            "last_position": _packed(last_position),
            **more,
        }
    )
    doc.db_insert()
    return _place(frappe.db.get_value(DOCTYPE, doc.name, "*", as_dict=True))


def failed_items(place: Place) -> list[tuple[str, Failed]]:
    """The failed items, with the names of their records."""
    fields = ["name", "position", "item", "reason"]
    rows = frappe.get_all(ITEM, filters={"parent": place.name}, fields=fields, order_by="idx asc", limit_page_length=0)
    return [(row.name, Failed(json.loads(row.position), row.item, row.reason, "")) for row in rows]


def _place(row: frappe._dict) -> Place:
    return Place(
        name=row.name,
        job=row.job,
        runs=row.runs,
        status=row.status,
        position=_unpacked(row.position),
        last_position=_unpacked(row.last_position),
        committed=row.committed or 0,
        total=row.total or None,
        skipped=row.skipped or 0,
        failed=row.failed or 0,
        source=row.source or "",
        part=row.part or 0,
        parts=row.parts or 1,
        part_of=row.part_of,
        reasons=Counter(json.loads(row.reasons or "{}")),
    )


def _insert_item(parent: str, number: int, failed: Failed) -> None:
    frappe.get_doc(
        {
            "doctype": ITEM,
            "parent": parent,
            "parenttype": DOCTYPE,
            "parentfield": "items",
            "idx": number,
            "position": _packed(failed.position),
            "item": failed.item,
            "reason": failed.reason,
            "traceback": failed.traceback,
        }
    ).db_insert()


def _packed(position: Position | None) -> str | None:
    return None if position is None else json.dumps(position)


def _unpacked(text: str | None) -> Position | None:
    return json.loads(text) if text else None
