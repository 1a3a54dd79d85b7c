"""On migrate, makes Job Policies and schedules of what applications declare in code.

A field that a person has changed in the desk keeps their value; the others are set from the code.
"""

import importlib
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click
import frappe

from job_console.bridge.policies import form, policies
from job_console.bridge.schedule import moved
from job_console.engine.errors import RedisUnavailable
from job_console.engine.models.policies import Policy

from . import schedules as declare_schedules
from .best_effort import best_effort
from .decorator import DECLARED

_DECLARES = re.compile(rb"^\s*@(job_console\.)?job\(", re.MULTILINE)
#: Folders of an app that hold no modules of its.
_NO_CODE = {"public", "node_modules", "www", "templates", "__pycache__"}


def sync() -> None:
    """Make, change and delete the Job Policies of what this site's apps declare; publish them."""
    unread = set(_import_all())
    installed = set(frappe.get_installed_apps())
    declared = {method: each.policy for method, each in DECLARED.items() if method.partition(".")[0] in installed}
    for method, policy in declared.items():
        best_effort(f"The job policy of {method}", partial(_follow, policy))
    for name, method in frappe.get_all(form.DOCTYPE, {"source": "Code"}, ["name", "method"], as_list=True):
        if method not in declared and method.rpartition(".")[0] not in unread:
            best_effort(f"The job policy of {method}", partial(_let_go, name))
    schedules = {method: DECLARED[method].schedule for method in declared}
    declare_schedules.sync({method: when for method, when in schedules.items() if when}, unread)
    frappe.db.commit()
    try:
        policies.publish()
    except RedisUnavailable as error:
        click.secho(f"Job policies are not published: {error}", fg="yellow")


def sync_new_app(app_name: str) -> None:
    sync()
    moved.after_migrate()  # what people chose goes before what the code says


def _import_all() -> Iterator[str]:
    """Import every module of this site's apps that declares something; those that cannot be imported come back."""
    for app in frappe.get_installed_apps():
        for module in modules(app, Path(frappe.get_app_path(app))):
            if not _imported(module):
                yield module


def _imported(module: str) -> bool:
    try:
        importlib.import_module(module)
    except Exception as error:  # somebody's module: it may raise anything
        click.secho(f"Job policies of {module} are not read: {error}", fg="yellow")
        return False
    return True


def modules(package: str, folder: Path) -> Iterator[str]:
    """Names of a package's modules whose text has our decorator in it."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in _NO_CODE and not path.name.startswith("."):
            yield from modules(f"{package}.{path.name}", path)
        elif path.suffix == ".py" and not path.name.startswith("test_"):
            text = path.read_bytes()
            if b"job_console" in text and _DECLARES.search(text):
                yield package if path.stem == "__init__" else f"{package}.{path.stem}"


def _follow(policy: Policy) -> None:
    declared = form.declared_values(policy)
    name = frappe.db.exists(form.DOCTYPE, {"method": policy.pattern})
    if not name:
        target = {"match_by": "Method", "method": policy.pattern, "title": policy.pattern}
        frappe.get_doc({"doctype": form.DOCTYPE, **target, **declared, **_origin(declared)}).insert(
            ignore_permissions=True
        )
        return
    doc = frappe.get_doc(form.DOCTYPE, name)
    # Somebody made it in the desk before the code declared anything: the code sets the fields that they left alone.
    before = frappe.parse_json(doc.declared) if doc.declared else form.declared_values(Policy("", "method", "-"))
    changed = followed(doc.as_dict(), before, declared)
    if changed or doc.source != "Code" or not same(frappe.parse_json(doc.declared or "{}"), declared):
        doc.update({**changed, **_origin(declared)})
        doc.save(ignore_permissions=True)


def followed(current: Mapping[str, Any], before: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that the code changes: those that are still as it declared them `before`."""
    return {
        name: value
        for name, value in declared.items()
        if form.is_same(current.get(name), before.get(name)) and not form.is_same(current.get(name), value)
    }


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(form.is_same(one.get(name), other.get(name)) for name in {*one, *other})


def _origin(declared: Mapping[str, Any]) -> dict[str, Any]:
    return {"source": "Code", "declared": frappe.as_json(declared)}


def _let_go(name: str) -> None:
    """Its declaration is gone: delete the policy if nobody has changed it; otherwise it belongs to the site now."""
    doc = frappe.get_doc(form.DOCTYPE, name)
    if form.overridden(doc.as_dict()):
        doc.update({"source": "Desk", "declared": None})
        doc.save(ignore_permissions=True)
    else:
        doc.delete(ignore_permissions=True)
