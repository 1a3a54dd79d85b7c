"""Warnings, the commands that their remedies are, and who silenced them."""

from __future__ import annotations

from collections.abc import Iterator

from .layout import VERDICT, Document, Paint, clean
from .values import moment, quoted


def warnings(document: Document, paint: Paint) -> Iterator[str]:
    surveyed = document.get("surveyed")
    if surveyed and surveyed["of"]:
        yield clean(surveyed["text"])
        if surveyed["share"] != 1.0:
            yield f"{paint('--deep', bold=True)} goes through all."
    if not document["warnings"]:
        known = surveyed is None or surveyed["share"] == 1.0
        yield paint("Nothing needs you.", "green") if known else "Nothing needs you, as far as was surveyed."
    for warning in document["warnings"]:
        code = paint(warning["code"], VERDICT.get(warning["severity"]), bold=True)
        yield f"{code}  {clean(warning['message'])}{_silence(warning)}"
        for remedy in warning["remedies"]:
            yield f"    {clean(remedy['label'])}: {paint(remedy_command(remedy['action'], warning), bold=True)}"

    if document["warnings"] and document["warnings"][0].get("id"):
        yield f"To silence one, e.g. the first: {paint('job-console acknowledge ' + document['warnings'][0]['id'])}"


def silenced(document: Document, paint: Paint) -> Iterator[str]:
    what = f"{document['warning']}  {document['code']}"
    yield f"{paint('done', 'green')}  {clean(what)}{_silence(document) or '  is told again'}"


def _silence(document: Document) -> str:
    if not document.get("silenced"):
        return ""
    why = f": {document['silence_reason']}" if document["silence_reason"] else ""
    return clean(f"  ({document['silenced']} by {document['acknowledged_by']} until {moment(document['until'])}{why})")


def remedy_command(action: str, warning: Document) -> str:
    if action == "release_lock":
        return release_command(warning["evidence"]["lock"])
    if (warning.get("evidence") or {}).get("count", 1) != 1 and warning.get("id"):
        return f"job-console remedy {warning['id']} {action.replace('_', '-')}"
    if action in _OPERATIONS:
        return _operation_command(action, warning)
    words = ["job-console", action.replace("_", "-")]
    if warning["job_id"] and action != "resume":
        words.append(quoted(warning["job_id"]))
    if action == "clear" and warning["queue"]:
        words += ["--queue", quoted(warning["queue"])]
    return " ".join(words)


#: What else is to be said.
_OPERATIONS = {
    "resume_queue": "",
    "move_waiting": "--to … --reason …",
    "resume_method": "",
    "pause_method": "--for 2h --reason …",
}


def _operation_command(action: str, warning: Document) -> str:
    target = warning["queue"]
    if action.endswith("_method"):
        evidence = warning.get("evidence") or {}
        target = f"{warning.get('site') or evidence.get('site') or 'SITE'}:{evidence.get('method', 'METHOD')}"
    return f"job-console {action.replace('_', '-')} {quoted(target or '…')} {_OPERATIONS[action]}".strip()


def release_command(lock: str) -> str:
    return f"job-console release {quoted(lock)} --reason …"
