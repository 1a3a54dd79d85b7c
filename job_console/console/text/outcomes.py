"""What became of actions, and the audit trail."""

from __future__ import annotations

from collections.abc import Iterator

from .layout import Document, Paint, clean, table
from .values import moment
from .warnings import warnings


def results(document: Document, paint: Paint) -> Iterator[str]:
    for result in document["results"]:
        mark = paint("done", "green") if result["ok"] else paint("not done", "red")
        change = result["state_before"]
        if result["state_after"] != change:
            change += f" → {result['state_after']}"
        new = f", new job {result['new_job_id']}" if result.get("new_job_id") else ""
        why = f": {result['reason']}" if result["reason"] else ""
        yield f"{mark}  {clean(result['job_id'])}  {clean(change)}{clean(new)}{clean(why)}"


def mended(document: Document, paint: Paint) -> Iterator[str]:
    surveyed = document["surveyed"]
    known = not surveyed["of"] or surveyed["share"] == 1.0
    if not known:
        yield clean(surveyed["text"])
    if not (document["results"] or document["left"]):
        nothing = paint("Nothing needs to be mended.", "green")
        yield nothing if known else "Nothing needs to be mended, as far as was surveyed."
    for result in document["results"]:
        mark = paint("done", "green") if result["ok"] else paint("not done", "red")
        if document["dry_run"]:
            mark = paint("would be done", "yellow")
        what = f"{result['label']} ({result['code']})"
        change = result["state_before"]
        if result["state_after"] != change:
            change += f" → {result['state_after']}"
        why = f": {result['reason']}" if result["reason"] else ""
        subject = result["lock"] or result["job_id"] or "the bench"
        yield f"{mark}  {clean(what)}  {clean(subject)}  {clean(change)}{clean(why)}"
    if document["left"]:
        yield from ("", paint("Left for you:", bold=True))
        yield from warnings({"warnings": document["left"]}, paint)


def audit(document: Document, paint: Paint) -> Iterator[str]:
    heads = ("at", "who", "action", "method", "job", "state", "reason")
    cells = [
        (
            moment(entry["at"]),
            entry["actor"],
            entry["action"] if entry["ok"] else f"{entry['action']} (not done)",
            entry["method"],
            entry["job_id"],
            f"{entry['state_before']} → {entry['state_after']}",
            entry["reason"],
        )
        for entry in document["entries"]
    ]
    yield from table(heads, cells, paint, whole=(4,)) if cells else ["Nobody has acted yet."]
